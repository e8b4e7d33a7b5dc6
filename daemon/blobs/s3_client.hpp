// Signed calls to an S3-compatible server: AWS Signature Version 4 in header form, path or virtual-host style,
// redirects never followed. Every call ends within its deadline. A call that may safely run twice is retried, at most
// twice and within the same deadline, when there is no answer or it is 500, 502, 503 or 504.
//
// The server counts as silent when three calls in a row time out, or one of many concurrent calls. Further calls are
// then refused at once, except one probe a second, so that none pile up.
//
// The server's answers go to the log (`complain`), never to a client. Calls block. Threads: any. s3_store decides
// which calls to make.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "daemon/blobs/s3_connection.hpp"
#include "daemon/blobs/sigv4.hpp"

namespace nexus::blobs {

/// One call with all of its tries.
struct S3Report {
  std::string_view method;
  int status = 0;  // of the last answer; 0: none
  std::chrono::microseconds took{0};
};

struct S3Options {
  std::string endpoint;  // `https://host[:port]`
  std::string region;
  std::string bucket;
  bool virtual_host = false;  // `https://{bucket}.host/{key}` instead of `https://host/{bucket}/{key}`
  Credentials credentials;
  std::chrono::milliseconds deadline{4000};                        // of one call including retries
  std::function<void(const std::string& why)> complain = nullptr;  // called for every failed call
  std::function<void(const S3Report&)> report = nullptr;           // called after every call, on its thread
};

struct S3Call {
  std::string method;
  std::string key;      // of the object, decoded
  Fields query = {};    // decoded
  Fields headers = {};  // signed too
  std::string body = {};
  std::size_t answer_bytes_max = 1u << 20;
};

/// The base URL of objects: `https://host/{bucket}` or `https://{bucket}.host`.
std::string s3_base(const S3Options& options);
/// Scheme and authority of the base URL, and the decoded path of an object.
std::string s3_origin(const S3Options& options);
std::string s3_path(const S3Options& options, std::string_view key);

/// Describes an answer for the operator: its status, the server's error code and what to do. Repeats nothing of the
/// server's text but single words.
std::string words_for(const S3Answer& answer);

class S3Client {
 public:
  explicit S3Client(S3Options options);

  const S3Options& options() const { return options_; }
  /// Returns any answer but a redirect or a server error; for these throws Problem storage.unavailable.
  S3Answer call(S3Call call) { return call_keeping(call); }
  /// The same, for callers that reuse the memory of the body.
  S3Answer call_keeping(S3Call& call);
  /// Calls `complain` and throws storage.unavailable, for an answer that the caller cannot use.
  [[noreturn]] void refuse(const std::string& method, const S3Answer& answer);
  /// The fault of the last call; "" when it succeeded.
  std::string trouble();
  /// Ends the running calls. Further calls fail at once.
  void stop();

 private:
  S3Answer attempt(S3Call& call, SteadyTime deadline);
  S3Request sign(S3Call& call) const;
  void judge_silence();
  std::unique_ptr<S3Connection> take_connection();
  void keep_connection(std::unique_ptr<S3Connection> connection);
  void note_trouble(const std::string& why);
  [[noreturn]] void unavailable(const std::string& why);

  S3Options options_;
  std::stop_source stop_;
  std::atomic<int> in_flight_{0};
  std::atomic<int> silent_{0};                                       // calls in a row that timed out
  std::atomic<std::chrono::steady_clock::duration> next_probe_{{}};  // since the clock's epoch
  std::mutex mutex_;
  std::vector<std::unique_ptr<S3Connection>> idle_;  // this and trouble_ guarded by mutex_
  std::string trouble_;
};

}  // namespace nexus::blobs
