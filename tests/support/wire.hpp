// One connection, byte by byte: for tests that send what no client library would, or stop in the middle.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "tests/support/client.hpp"

namespace nexus::test {

class Wire {
 public:
  /// Connects to 127.0.0.1:port. Throws std::runtime_error when nobody listens.
  explicit Wire(int port);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// False when the other side has gone or takes nothing more within 5 s.
  bool send(std::string_view bytes);
  /// The next answer, whole, and no byte more; status 0 when the connection ended or the time was over before. `head`:
  /// it answers a HEAD and so has no body.
  Answer answer(bool head = false, std::chrono::milliseconds within = std::chrono::seconds(10));
  /// Exactly so many bytes; fewer when the connection ended or the time was over before.
  std::string take(std::size_t count, std::chrono::milliseconds within = std::chrono::seconds(10));
  /// All that still comes until the other side closes; with a mark at the end when it did not close in time.
  std::string rest(std::chrono::milliseconds within = std::chrono::seconds(5));
  /// True when the other side closes without another byte.
  bool ends(std::chrono::milliseconds within = std::chrono::seconds(5)) { return rest(within).empty(); }
  /// True when bytes wait to be read, or come within the time.
  bool speaks(std::chrono::milliseconds within);
  void close();

 private:
  bool read_some(std::chrono::steady_clock::time_point deadline);

  int fd_ = -1;
  bool open_ = true;  // the other side has not closed
  std::string got_;
};

}  // namespace nexus::test
