// A WebSocket client by hand (RFC 6455), so that tests can send what no library would and see exactly what comes.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/wire.hpp"

namespace nexus::test {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct FrameShape {
  bool fin = true;
  int reserved = 0;  // the three reserved bits, 0-7
  bool masked = true;
  int length_bytes = 0;       // of the extended length, 2 or 8; 0: the shortest form
  std::uint64_t claimed = 0;  // a length other than the payload's; 0: the payload's own
};

/// One frame as a client sends it.
std::string ws_frame(int opcode, std::string_view payload, FrameShape shape = {});
inline std::string ws_frame(Opcode opcode, std::string_view payload, FrameShape shape = {}) {
  return ws_frame(static_cast<int>(opcode), payload, shape);
}
/// The payload of a close frame.
std::string close_payload(int code, std::string_view reason = {});

/// One frame as it came. Frames of ours are whole and unmasked, and a test of its own says so.
struct WsFrame {
  Opcode opcode = Opcode::text;
  std::string payload;
  bool plain = true;  // final, no reserved bit, not masked, in the shortest form

  int close_code() const;  // 1005 when there is none
  std::string close_reason() const { return payload.size() > 2 ? payload.substr(2) : std::string(); }
};

class WsWire {
 public:
  /// Connects and sends the handshake; `bytes_behind` goes out in the same write.
  WsWire(int port, const std::string& target, const Headers& headers = {}, std::string_view bytes_behind = {});

  /// The answer to the handshake: 101, or a refusal.
  const Answer& opened() const { return opened_; }
  bool send(std::string_view bytes) { return wire_->send(bytes); }
  bool say(const Json& message) { return send(ws_frame(Opcode::text, message.dump())); }
  /// Nothing when the connection ended, or the time was over.
  std::optional<WsFrame> next(std::chrono::milliseconds within = std::chrono::seconds(10));
  /// The next text frame of one of these types; those passed over on the way are kept for when they are awaited. Null
  /// when the connection ended, or the time was over.
  Json await(const std::set<std::string>& types, std::chrono::milliseconds within = std::chrono::seconds(10));
  Json await(const char* type) { return await(std::set<std::string>{type}); }
  /// Up to the close frame, which is answered: its code, or 0 when the connection ended without one, or the time was
  /// over.
  int await_close(std::chrono::milliseconds within = std::chrono::seconds(10));
  bool ends() { return wire_->ends(); }
  void drop() { wire_->close(); }

 private:
  std::unique_ptr<Wire> wire_;
  Answer opened_;
  std::vector<Json> passed_over_;
};

/// The head of a good handshake with these fields too; one of them stands for its own where it has the same name, and
/// an empty one takes it away.
std::string ws_handshake(const std::string& target, const Headers& headers);

}  // namespace nexus::test
