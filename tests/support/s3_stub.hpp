// An S3 server inside the test: as much of S3 as nexusd uses, with signatures and policies checked, and able to fail in
// every way that a server fails. Objects live in memory. Not a proof that real servers are understood: tests/s3 has
// that.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/blobs/sigv4.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::test {

struct StubRequest {
  std::string method, path, key;  // decoded; the key is what stands behind the bucket
  std::string raw_query;
  blobs::Fields query, headers;  // decoded; names of headers in lower case
  std::string body;

  std::string header(std::string_view name) const;  // these answer "" when there is none
  std::string parameter(std::string_view name) const;
  bool has(std::string_view parameter) const;
};

struct StubAnswer {
  int status = 200;
  blobs::Fields headers = {};
  std::string body = {};
  bool whole_length_of_head = false;  // a HEAD tells a Content-Length of its own
};

struct StubObject {
  std::string content = {};  // empty where contents are not kept
  std::uint64_t size = 0;
  std::string etag, sha256, content_type;  // sha256 in base64
  std::string version = {};
  bool told = false;  // the server tells the digest
};

enum class StubFault {
  hangs,        // reads the call, and says nothing until it is healed
  trickles,     // a byte now and then, for ever
  closes,       // no answer
  halves,       // a part of an answer, then closes
  refuses,      // the status that was asked for, with an <Error>
  redirects,    // 307 to the address that was asked for
  lies_size,    // one byte more than there is
  lies_digest,  // a digest of something else, said to be computed
  hides_etag,
  floods,      // a body without end
  errs_in_200  // 200 with an <Error>, as S3 may answer a completion
};

class S3Stub {
 public:
  struct Options {
    bool versions = false;  // keeps every version of an object
    bool digests = false;   // computes SHA-256 of what clients upload, and tells it
    bool keeps_content = true;
  };
  using Hits = std::function<bool(const StubRequest&)>;

  S3Stub() : S3Stub(Options{}) {}
  explicit S3Stub(Options options);
  ~S3Stub();
  S3Stub(const S3Stub&) = delete;
  S3Stub& operator=(const S3Stub&) = delete;

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  const blobs::Credentials& credentials() const { return credentials_; }
  /// nexusd on this server; for the constructor of a World.
  DaemonOptions daemon(DaemonOptions base = {}) const;

  /// From now on, calls that `hits` accepts fail so; the first `times` of them.
  void fail(StubFault fault, Hits hits = {}, std::string detail = "503", int times = 1'000'000'000);
  void heal();
  /// `METHOD key?query` of every call since the last time this was asked.
  std::vector<std::string> take_calls();
  int waiting() const { return hanging_; }

  std::optional<StubObject> object(const std::string& key);
  std::size_t objects();
  std::size_t open_uploads();
  /// As somebody else with rights in the bucket would.
  void put(const std::string& key, const std::string& content);
  void erase(const std::string& key);

 private:
  struct Failing {
    StubFault fault;
    Hits hits;
    std::string detail;
    int times;
  };
  struct Session {
    int fd;
    std::thread thread;
  };

  void accept_all();
  void converse(int fd);
  bool read_request(int fd, std::string& buffer, StubRequest& request);
  bool answer_badly(int fd, const StubRequest& request, const Failing& failing);
  std::optional<Failing> failing_for(const StubRequest& request);
  void wait_for_healing();

  StubAnswer serve(const StubRequest& request);
  std::optional<StubAnswer> judge_signature(const StubRequest& request) const;
  StubAnswer take_form(const StubRequest& request);
  StubAnswer show(const StubRequest& request);
  StubAnswer take_upload(const StubRequest& request);
  StubAnswer store(const std::string& key, std::string content, const std::string& type, bool told);
  StubObject* find(const StubRequest& request);

  const Options options_;
  const blobs::Credentials credentials_{"stub-access-key", "stub-secret-5c1f7a"};
  TemporaryDirectory keys_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> hanging_{0};

  std::mutex mutex_;  // guards all below
  std::condition_variable healed_;
  std::optional<Failing> failing_;
  int heals_ = 0;
  std::vector<std::string> calls_;
  std::map<std::string, std::vector<StubObject>> objects_;  // the newest last
  struct Upload {
    std::string key, type;
    std::map<int, std::string> parts;
    std::uint64_t size = 0;
  };
  std::map<std::string, Upload> uploads_;
  int next_ = 0;
  std::list<Session> sessions_;
  std::thread acceptor_;
};

}  // namespace nexus::test
