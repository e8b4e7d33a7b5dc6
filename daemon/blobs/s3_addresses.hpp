// The addresses of a host, looked up in time: names are asked for in the background, since the resolver's own time
// limit is longer than ours. One that failed is not used again before the name has been looked up anew. Any thread.
#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

namespace nexus::blobs {

using SteadyTime = std::chrono::steady_clock::time_point;

class S3Addresses {
 public:
  /// `host`: a name, or an address without brackets.
  explicit S3Addresses(std::string host) : host_(std::move(host)) {}

  /// As text; "" when none is known by the deadline.
  std::string get(SteadyTime deadline);
  void failed(const std::string& address);

 private:
  const std::string host_;
  std::mutex mutex_;
  std::vector<std::string> known_;  // these two guarded by mutex_
  SteadyTime stale_at_{};
};

}  // namespace nexus::blobs
