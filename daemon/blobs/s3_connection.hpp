// One connection to an S3-compatible server, kept open from call to call, and the clock that ends calls in time. The
// one place that knows the HTTP library. What is asked, signed and tried again is s3_client's.
//
// A call ends by its deadline whatever the server does. The library's time limits count anew with every byte that
// trickles in, so that a watchdog shuts the socket down; names are looked up in the background, since the resolver's
// own limit is longer than ours.
#pragma once
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "daemon/base/file.hpp"
#include "daemon/blobs/object.hpp"
#include "daemon/blobs/s3_addresses.hpp"

namespace nexus::blobs {

/// What goes over the wire: signed already, and spelled as it was signed.
struct S3Wire {
  std::string method;
  std::string target;  // percent-encoded path and query
  Fields headers;
  std::string_view body;
  std::size_t answer_bytes_max;
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

/// The host of `https://host[:port]`, without brackets.
std::string host_of(const std::string& origin);

class S3Connection {
 public:
  /// `origin`: `https://host[:port]`. Connects when it is first used.
  S3Connection(const std::string& origin, S3Addresses& addresses);
  ~S3Connection();
  S3Connection(const S3Connection&) = delete;
  S3Connection& operator=(const S3Connection&) = delete;

  /// One thread at a time.
  S3Answer ask(const S3Wire& wire, SteadyTime deadline);
  /// Ends the call under way, from any thread.
  void interrupt();

 private:
  struct Library;
  void watch(int socket);

  S3Addresses& addresses_;
  std::unique_ptr<Library> library_;
  std::mutex mutex_;
  Fd watched_;  // guarded by mutex_; a duplicate, so that its number stays ours when the library closes its own
};

/// Interrupts connections whose time is over, again and again until their calls gave up. Any thread.
class S3Watchdog {
 public:
  S3Watchdog();
  ~S3Watchdog();
  S3Watchdog(const S3Watchdog&) = delete;
  S3Watchdog& operator=(const S3Watchdog&) = delete;

  void begin(S3Connection& connection, SteadyTime deadline);
  void end(S3Connection& connection, SteadyTime deadline);
  /// From now on every call is over its time.
  void interrupt_all();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::pair<SteadyTime, S3Connection*>> watched_;  // these three guarded by mutex_
  bool all_over_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nexus::blobs
