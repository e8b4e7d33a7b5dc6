// A plain HTTP client for tests. Written on a socket, because it has to report exactly what came (libraries decode,
// repair and hide), and an exchange of raw bytes for what a well-behaved client would not send.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Answer {
  int status = 0;   // 0: no answer came; `error` says why
  Headers headers;  // as sent, in their order
  std::string body;
  Json json;  // the body, when its type is JSON; else null
  std::string error;

  /// The first header of that name in any case; empty when there is none.
  std::string header(std::string_view name) const;
  bool has(std::string_view name) const;
  /// The problem's code, or empty.
  std::string code() const;
};

/// One connection, kept alive, opened again when the daemon closed it; one to each of daemons that take turns. For one
/// thread at a time.
class Client {
 public:
  /// `address` as http://127.0.0.1:port
  explicit Client(const std::string& address);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Target and headers go out as they are; Host and, for a body, Content-Length and Content-Type (application/json)
  /// are added when they are not among them. An empty Host or Content-Length leaves that field out.
  Answer request(const std::string& method, const std::string& target, const Headers& headers = {},
                 const std::string& body = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Sends bytes to 127.0.0.1:port and reads until the other side closes, or `enough` (if not empty) is in what came, or
/// the time is over. Answers what came.
std::string raw_exchange(int port, std::string_view bytes, std::string_view enough = {},
                         std::chrono::milliseconds within = std::chrono::seconds(5));
/// The first answer in raw bytes: status, headers, body as far as it is there.
Answer parse_answer(std::string_view bytes);

}  // namespace nexus::test
