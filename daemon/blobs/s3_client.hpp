// Signed calls to an S3-compatible server: AWS Signature Version 4 in header form, path or virtual-host style,
// redirects never followed, every call over within its deadline. A call that may safely run twice is tried again, twice
// at most and within the same deadline, when there is no answer or it is 500, 502, 503 or 504.
//
// A server that lets three calls in a row run out of time, or one of many, is left alone: others are then refused at
// once, but for one a second, and nothing piles up behind it.
//
// What the server said goes to the log (`complain`), never to a client. Blocking; any thread. Which calls to make is
// s3_store's and s3_writer's.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "daemon/blobs/s3_connection.hpp"
#include "daemon/blobs/sigv4.hpp"

namespace nexus::blobs {

struct S3Options {
  std::string endpoint;  // `https://host[:port]`
  std::string region;
  std::string bucket;
  bool virtual_host = false;  // `https://{bucket}.host/{key}` instead of `https://host/{bucket}/{key}`
  Credentials credentials;
  std::chrono::milliseconds deadline{4000};                        // of one call, all its tries together
  std::function<void(const std::string& why)> complain = nullptr;  // told of every call that came to nothing
};

struct S3Call {
  std::string method;
  std::string key;      // of the object, decoded
  Fields query = {};    // decoded
  Fields headers = {};  // signed too
  std::string body = {};
  std::size_t answer_bytes_max = 1u << 20;
};

/// Where objects are addressed: `https://host/{bucket}` or `https://{bucket}.host`.
std::string s3_base(const S3Options& options);
/// Scheme and authority of that, and the decoded path of an object below it.
std::string s3_origin(const S3Options& options);
std::string s3_path(const S3Options& options, std::string_view key);

/// An answer for the operator: its status and the server's error code, with what to do about it. Holds no text of the
/// server's that is not one word.
std::string words_for(const S3Answer& answer);

class S3Client {
 public:
  explicit S3Client(S3Options options);

  const S3Options& options() const { return options_; }
  /// Any answer but a redirect or a server error. Throws Problem storage.unavailable.
  S3Answer call(S3Call call) { return call_keeping(call); }
  /// The same, for who wants to use the memory of the body again.
  S3Answer call_keeping(S3Call& call);
  /// Tells `complain` and throws storage.unavailable: the answer is none that the caller can go on with.
  [[noreturn]] void refuse(const std::string& method, const S3Answer& answer);
  /// What was wrong with the last call; "" when nothing was.
  std::string trouble();
  /// Ends the calls under way; further ones fail at once.
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
  std::atomic<int> silent_{0};                                       // calls in a row that ran out of time
  std::atomic<std::chrono::steady_clock::duration> next_probe_{{}};  // since the clock's epoch
  std::mutex mutex_;
  std::vector<std::unique_ptr<S3Connection>> idle_;  // these two guarded by mutex_
  std::string trouble_;
};

}  // namespace nexus::blobs
