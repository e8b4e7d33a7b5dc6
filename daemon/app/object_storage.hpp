// The one place where objects are kept: the store of the data directory, or an S3-compatible server; chosen by
// configuration, once, and never both. Nothing falls back from one to the other.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "daemon/blobs/s3_store.hpp"
#include "daemon/config/config.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

/// What configuration says of the server. Throws ConfigError when a key file is missing or open to others.
blobs::S3Options s3_options(const Config& config);
/// Whether writes of env prod are refused.
bool refuses_prod(const Config& config);
/// Where objects are kept and what is refused there, for an operator.
std::string storage_words(const Config& config);
/// As many as may wait for stored objects at once: a disk is better off with few, a server elsewhere with more.
unsigned storage_threads(const Config& config);

class ObjectStorage {
 public:
  /// Throws ConfigError, or what the directory's files refuse.
  ObjectStorage(const Config& config, const store::DataDirectory& directory);

  blobs::BlobStore& blobs();
  /// Null when objects live on S3.
  blobs::LocalBlobStore* local() { return local_ ? &*local_ : nullptr; }
  /// What was wrong with the last call to a server elsewhere; "" when nothing was.
  std::string trouble() { return s3_ ? s3_->trouble() : ""; }
  /// Removes what a crash left of uploads.
  void sweep(const std::function<bool()>& goes_on);
  /// Ends calls to a server elsewhere.
  void stop();

 private:
  std::optional<blobs::LocalStore> files_;
  std::optional<blobs::LocalBlobStore> local_;
  std::optional<blobs::S3BlobStore> s3_;
};

}  // namespace nexus::app
