// One connection to an S3-compatible server, kept open from call to call. The one place of the daemon that knows
// libcurl. What is asked, signed and tried again is s3_client's.
//
// A call ends by its deadline whatever the server does: a name that does not resolve, a handshake that hangs, a byte a
// second. Heads (those of 1xx and trailers too) have at most kHeadBytesMax bytes and kHeadFieldsMax fields together.
// Redirects are not followed, nothing is decoded but chunks, no proxy is used, and certificates are verified against
// the system's authorities, or those that SSL_CERT_FILE and SSL_CERT_DIR name.
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

/// What goes over the wire: signed already, and spelled as it was signed.
struct S3Request {
  std::string method;
  std::string target;  // percent-encoded path and query
  Fields headers;
  std::string_view body;
  std::size_t answer_bytes_max;  // of the answer's body
  /// Whether the same request may reach the server again when a connection that was kept open ends without an answer.
  bool may_run_twice = true;
};

struct S3Answer {
  int status = 0;                                   // 0: there was none, or only a part of it
  std::map<std::string, std::string> headers = {};  // lower-case names
  std::string body = {};
  std::string_view fault = {};  // why there was none

  /// Empty when there is none.
  std::string header(const std::string& lower_name) const;
};

/// The text of the first element of this name; "" without one. What S3 answers holds each of those asked for once.
std::string xml_text(std::string_view xml, std::string_view element);

class S3Connection {
 public:
  /// `origin`: `https://host[:port]`. Connects when it is first used. Throws std::runtime_error when libcurl cannot be
  /// set up.
  explicit S3Connection(std::string origin);
  ~S3Connection();
  S3Connection(const S3Connection&) = delete;
  S3Connection& operator=(const S3Connection&) = delete;

  /// Blocks until there is an answer, the deadline comes, or `stop` is requested. One thread at a time. Throws
  /// std::runtime_error when libcurl refuses an option.
  S3Answer ask(const S3Request& request, SteadyTime deadline, const std::stop_token& stop = {});

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace nexus::blobs
