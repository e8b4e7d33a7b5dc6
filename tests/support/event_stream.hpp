// A stream of server-sent events as tests read it: every field exactly as it came, one event at a time, each with a
// deadline. Written on a socket, since a library would repair what is wrong.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/client.hpp"

namespace nexus::test {

struct ServerEvent {
  std::string type, id, data;  // an absent field is empty
  Json json;                   // the data
};

class EventStream {
 public:
  /// Asks with a GET; the answer's head is there when this returns. Throws std::runtime_error when nobody listens.
  EventStream(int port, const std::string& target, const Headers& headers);
  ~EventStream();
  EventStream(EventStream&&) noexcept;
  EventStream& operator=(EventStream&&) = delete;

  const Answer& head() const { return head_; }
  /// The next event; nothing when the stream ended, or the time was over, before.
  std::optional<ServerEvent> next(std::chrono::milliseconds within = std::chrono::seconds(20));
  /// The next event of this type; those before it are dropped.
  std::optional<ServerEvent> next_of(const std::string& type,
                                     std::chrono::milliseconds within = std::chrono::seconds(20));
  /// The code of the close event that ends the stream, whatever comes before it; 0: it ended without, or not in time.
  int close_code(std::chrono::milliseconds within = std::chrono::seconds(20));
  /// All bytes of the body so far.
  const std::string& raw() const { return raw_; }
  int fd() const { return fd_; }
  void close();

 private:
  bool read_some(std::chrono::steady_clock::time_point deadline);

  int fd_ = -1;
  bool over_ = false;
  Answer head_;
  std::string raw_;
  std::size_t at_ = 0;  // what of raw_ was made events
};

}  // namespace nexus::test
