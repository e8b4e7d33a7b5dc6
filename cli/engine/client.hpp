// One HTTP exchange, streaming both ways, over libcurl. Knows no token, tenant or route; follows no redirect; retries
// nothing. Blocking; one thread.
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

#include "daemon/base/url.hpp"

namespace nexus::cli {

/// The limit of all heads of one answer together: status line, fields, interim answers and trailers.
constexpr std::size_t kHeadBytesMax = 64 * 1024;

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request body of known length that is not held in memory. `read(offset, most)` returns the next bytes, at least one
/// until `size` is reached. It throws to give up.
struct BodySource {
  std::uint64_t size = 0;
  std::string content_type;
  std::function<std::string_view(std::uint64_t offset, std::size_t most)> read;
};

/// How a server is reached and trusted.
struct Reach {
  std::string cacert;                // a file of certificates (PEM) to trust in addition to the system's; empty: none
  std::optional<std::string> proxy;  // for every address; empty: no proxy; nothing: as the environment says
};

struct Exchange {
  std::string method = "GET";
  Url url;  // target is sent unchanged
  Reach reach;
  Headers headers;
  std::string body;  // with `content_type` in headers; ignored when `source` is set
  std::optional<BodySource> source;
  /// Takes the body of a 200 answer piece by piece. Without it, and for any other status, the body is kept in Response.
  std::function<void(std::string_view)> sink;
  /// The longest silence allowed. Bytes of a head do not end a silence: the whole head must arrive within this time.
  std::chrono::milliseconds timeout{30000};
  /// When the exchange must end, even while bytes arrive.
  std::optional<std::chrono::steady_clock::time_point> deadline;
  /// The body as words of a curl line, for a body that curl must make itself: a form with a file. Sends nothing.
  std::string curl_body;
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names; the last of a repeated one
  std::string body;

  std::string header(const std::string& lower_name) const;
};

/// The exchange failed. `sent` says whether the server may have seen the request; `remedy` is a line to try.
struct TransportError : std::runtime_error {
  TransportError(const std::string& why, bool sent_, std::string remedy_ = {})
      : std::runtime_error(why), sent(sent_), remedy(std::move(remedy_)) {}
  bool sent;
  std::string remedy;
};

/// The error of a server that was asked without TLS and wants it.
TransportError wants_tls(const Url& url);

class HttpHandle;

/// Keeps connections open between exchanges.
class Client {
 public:
  Client();
  ~Client();
  /// Throws a TransportError. Throws a Failure (server_error) for an answer that is too large: a head of more than 64
  /// KiB, or a body of more than 64 MiB without `sink`. Exceptions of `source` and `sink` are passed on.
  Response run(const Exchange& exchange);

 private:
  std::unique_ptr<HttpHandle> handle_;
};

}  // namespace nexus::cli
