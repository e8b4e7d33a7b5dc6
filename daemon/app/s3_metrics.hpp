// Counts and times the calls to an S3 server, and tells them as spans of the request that they are made for. A label
// holds neither a key nor a bucket.
#pragma once
#include <memory>
#include <string>

#include "daemon/blobs/s3_client.hpp"

namespace nexus::app {

class S3Metrics {
 public:
  S3Metrics();
  ~S3Metrics();

  /// On the thread of the call. Any thread.
  void take(const blobs::S3Report& report);
  /// Prometheus text; empty before the first call.
  std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace nexus::app
