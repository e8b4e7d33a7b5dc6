// Server-sent events from bytes, as the HTML standard reads them: a state machine without a socket. Whatever pieces the
// bytes come in, the same events come out. Data is data: nothing in it is looked at.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace nexus::cli {

struct SseEvent {
  std::string type;               // `message` when none was named
  std::string data;               // lines joined by LF
  std::optional<std::string> id;  // as this event carried it; an event without one leaves the position as it was
};

class SseParser {
 public:
  using Take = std::function<void(const SseEvent&)>;

  /// Throws std::length_error when one event grows beyond 8 MiB: that is no stream of ours.
  void feed(std::string_view bytes, const Take& take);
  /// A new connection begins: what was half there is forgotten.
  void reset();
  /// The last `retry:`, once taken gone.
  std::optional<std::chrono::milliseconds> take_retry();

 private:
  void end_line(const Take& take);
  void field(std::string_view name, std::string_view value);

  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
  bool first_line_ = true;  // a byte order mark may stand before it
  bool after_cr_ = false;   // an LF now belongs to the CR before
  std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace nexus::cli
