// One connection to an S3-compatible server, kept open between calls. The only code of the daemon that uses libcurl.
// s3_client signs and retries.
//
// A call ends by its deadline whatever the server does: a name that does not resolve, a handshake that hangs, a byte a
// second. All heads of an answer (including 1xx and trailers) have at most kHeadBytesMax bytes and kHeadFieldsMax
// fields together. Redirects are not followed, only chunks are decoded, and no proxy is used. Certificates are verified
// against the system's authorities, or those that SSL_CERT_FILE and SSL_CERT_DIR name.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "daemon/blobs/object.hpp"

namespace nexus::blobs {

using SteadyTime = std::chrono::steady_clock::time_point;

inline constexpr std::size_t kHeadBytesMax = 64 * 1024;
inline constexpr std::size_t kHeadFieldsMax = 256;

/// A request as sent: already signed, and spelled as it was signed.
struct S3Request {
  std::string method;
  std::string target;  // percent-encoded path and query
  Fields headers;
  std::string_view body;
  std::size_t answer_bytes_max;  // of the answer's body
  /// Whether the request may be sent again when a kept-open connection ends without an answer.
  bool may_run_twice = true;
};

struct S3Answer {
  int status = 0;                                   // 0: no answer, or an incomplete one
  std::map<std::string, std::string> headers = {};  // lower-case names
  std::string body = {};
  std::string_view fault = {};  // why there was no answer

  /// Empty when absent.
  std::string header(const std::string& lower_name) const;
};

/// Returns the text of the first element of this name, or "". Answers of S3 hold each element that we read once.
std::string xml_text(std::string_view xml, std::string_view element);

class S3Connection {
 public:
  /// `origin`: `https://host[:port]`. Connects at first use. Throws std::runtime_error when libcurl cannot be set up.
  explicit S3Connection(std::string origin);
  ~S3Connection();
  S3Connection(const S3Connection&) = delete;
  S3Connection& operator=(const S3Connection&) = delete;

  /// Blocks until the answer is complete, the deadline passes, or `stop` is requested. Threads: one at a time. Throws
  /// std::runtime_error when libcurl refuses an option.
  S3Answer ask(const S3Request& request, SteadyTime deadline, const std::stop_token& stop = {});

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace nexus::blobs
