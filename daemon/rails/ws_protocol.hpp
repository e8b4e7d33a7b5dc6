// The protocol on /ws/chat/{id} as plain functions: parsing a client's text message, making the daemon's frames, and
// the two clocks of a connection (frames that come too fast, pings without a pong). Uses no socket, thread or clock:
// time is an argument. Boost.Beast does the framing (RFC 6455).
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/base/json.hpp"
#include "daemon/base/problem.hpp"

namespace nexus::rails {

using SteadyTime = std::chrono::steady_clock::time_point;

// ---- what a client says ---------------------------------------------------------------------------------------------

struct Ping {};
struct PresencePing {};
/// The same mutation as POST /chat/threads/{id}/messages. `body` is the request's body, `ref` its Idempotency-Key or
/// empty.
struct Say {
  std::string ref;
  std::string body;
};
struct Gesture {
  Json data;
};
/// A refused frame that does not end the connection. The reply is an `error` frame.
struct Objection {
  std::string ref;  // of the frame; empty if it has no valid one
  Problem problem;
};
/// A frame that ends the connection, with this close code (RFC 6455 section 7.4).
struct Breach {
  std::uint16_t code;
  std::string_view reason;
};
using ClientFrame = std::variant<Ping, PresencePing, Say, Gesture, Objection, Breach>;

/// `text` is one whole text message, of any bytes.
ClientFrame judge_frame(std::string_view text);

// ---- what we say ----------------------------------------------------------------------------------------------------

std::string pong_frame();
/// The audit row of a frame's mutation or of a gate's refusal. HTTP answers carry it in the headers Nexus-Audit-Seq and
/// Nexus-Audit-Hash.
struct AuditReceipt {
  std::int64_t seq;
  std::string hash;
};
/// `message` is the answer of the equivalent POST.
std::string ack_frame(std::string_view ref, const Json& message, const std::optional<AuditReceipt>& receipt = {});
/// `problem` is a problem document (RFC 9457).
std::string error_frame(std::string_view ref, Json problem, const std::optional<AuditReceipt>& receipt = {});

// ---- clocks ---------------------------------------------------------------------------------------------------------

/// Counts frames over a sliding window of seconds.
class FrameMeter {
 public:
  /// Counts a frame. True when frames came too fast for too long (close 4429).
  bool count(SteadyTime now);

 private:
  static constexpr std::size_t kSeconds = 5;
  std::array<std::uint32_t, kSeconds> counts_{};  // per second, indexed by second modulo kSeconds
  std::int64_t second_ = 0;
};

/// When to ping, and when the other side is gone.
class Heartbeat {
 public:
  enum class Step { wait, ping, gone };
  explicit Heartbeat(SteadyTime now) : last_ping_(now) {}

  /// Returns what to do at `now`. After `ping` the ping counts as sent.
  Step step(SteadyTime now);
  void pong() { answered_ = true; }
  /// The next time at which `step` may return something new.
  SteadyTime next() const;

 private:
  SteadyTime last_ping_;
  bool answered_ = true;  // the last ping; true before the first
};

}  // namespace nexus::rails
