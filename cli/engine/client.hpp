// One HTTP exchange, streaming both ways: the only place that speaks HTTP (client.cpp, over cpp-httplib).
// Knows no token, no tenant and no route; follows no redirect; retries nothing. Blocking; one thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/engine/url.hpp"

namespace nexus::cli {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request body of known length that is not held in memory. `read(offset, most)` answers the next bytes, at least one
/// until `size` is reached; it throws to give up.
struct BodySource {
  std::uint64_t size = 0;
  std::string content_type;
  std::function<std::string_view(std::uint64_t offset, std::size_t most)> read;
};

struct Exchange {
  std::string method = "GET";
  Url url;  // target is sent as it stands
  Headers headers;
  std::string body;  // with `content_type` in headers; ignored when `source` is set
  std::optional<BodySource> source;
  /// Takes the body of a 200 answer piece by piece; without it (and for any other status) the body is kept in Response.
  std::function<void(std::string_view)> sink;
  /// The longest silence to bear.
  std::chrono::milliseconds timeout{30000};
  /// When it is over, whatever comes until then.
  std::optional<std::chrono::steady_clock::time_point> deadline;
  /// The body as words of a curl line, where curl is to make it: a form with a file. Sends nothing.
  std::string curl_body;
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names; the last of a repeated one
  std::string body;

  std::string header(const std::string& lower_name) const;
};

/// The exchange came to nothing. `sent` says whether the server may have seen the request.
struct TransportError : std::runtime_error {
  TransportError(const std::string& why, bool sent_) : std::runtime_error(why), sent(sent_) {}
  bool sent;
};

/// Keeps a connection per origin.
class Client {
 public:
  Client();
  ~Client();
  Response run(const Exchange& exchange);

 private:
  struct Connections;
  std::unique_ptr<Connections> connections_;
};

}  // namespace nexus::cli
