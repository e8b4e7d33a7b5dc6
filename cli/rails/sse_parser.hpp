// Parses server-sent events from bytes, as the HTML standard defines them: a state machine without a socket. The events
// do not depend on how the bytes are cut into pieces. The content of data is not inspected.
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
  std::optional<std::string> id;  // as this event carried it; an event without one leaves the position unchanged
};

class SseParser {
 public:
  using Take = std::function<void(const SseEvent&)>;

  /// Throws std::length_error when one event grows beyond 8 MiB, which no stream of ours sends.
  void feed(std::string_view bytes, const Take& take);
  /// Returns the last `retry:` and forgets it.
  std::optional<std::chrono::milliseconds> take_retry();

 private:
  void end_line(const Take& take);
  void field(std::string_view name, std::string_view value);

  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
  bool first_line_ = true;  // a byte order mark may come before it
  bool after_cr_ = false;   // an LF now belongs to the CR before
  std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace nexus::cli
