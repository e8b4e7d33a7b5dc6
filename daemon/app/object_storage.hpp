// The one place where objects are kept: the store of the data directory or an S3-compatible server. Configuration
// chooses one, never both. There is no fallback from one to the other.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "daemon/blobs/s3_store.hpp"
#include "daemon/config/config.hpp"
#include "store/database.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

/// The configuration of the server. Throws ConfigError when a key file is missing or open to others.
blobs::S3Options s3_options(const Config& config);
/// Whether writes of objects in env prod are refused.
bool refuses_prod(const Config& config);
/// The place of objects and what is refused there, in words for an operator.
std::string storage_words(const Config& config);
/// Where the objects are: the directory of the local store below this data directory, or the server in words.
std::string object_place(const Config& config, const std::filesystem::path& data_dir);
/// The number of threads that may wait for stored objects: few for a disk, more for a server.
unsigned storage_threads(const Config& config);

// The place of the recorded objects. The rows name objects by bucket and key. In another bucket, or on the other
// backend, every object would be absent and every removal would silently remove nothing. So the place is recorded, and
// a start with another place is refused.

/// One line that names the configured and the recorded place if they differ; nothing if they agree or no object is
/// recorded. In a store without a recorded place, the names of its objects show the bucket.
std::optional<std::string> object_home_fault(const store::Reader& reader, const Config& config);
/// The same for a store that goes to another engine, where an older build recorded no place and left files in `blobs/`
/// of this data directory: these are the objects.
std::optional<std::string> moved_objects_fault(const store::Reader& reader, const Config& config,
                                               const std::filesystem::path& data_dir);
/// Whether there is anything in `blobs/`, where objects lie that are files of the data directory.
bool has_local_files(const std::filesystem::path& data_dir);
/// Records the configured place, whatever was recorded: the objects were brought there.
void change_object_home(store::Tx& tx, const Config& config);
/// Records the configured place. Throws ConfigError (exit status 2) for a fault as above. Warns of objects that are
/// local while other daemons serve, which --dev allows. Refused: refusing that start. Daemons on one machine may have
/// one directory for their objects, by a link, and many trials need none.
void keep_object_home(store::Database& database, const Config& config);

class ObjectStorage {
 public:
  /// Throws ConfigError, or the errors of the directory's files.
  /// `report` is called after each call to an S3 server, on its thread.
  ObjectStorage(const Config& config, const store::DataDirectory& directory,
                std::function<void(const blobs::S3Report&)> report);

  blobs::BlobStore& blobs();
  /// Null when objects live on S3.
  blobs::LocalBlobStore* local() { return local_ ? &*local_ : nullptr; }
  /// The files of the local store; null when objects live on S3.
  blobs::LocalStore* files() { return files_ ? &*files_ : nullptr; }
  /// The error of the last call to the S3 server; "" without one.
  std::string trouble() { return s3_ ? s3_->trouble() : ""; }
  /// Removes remains of uploads that a crash left.
  void sweep(const std::function<bool()>& goes_on);
  /// Ends calls to the S3 server.
  void stop();

 private:
  std::optional<blobs::LocalStore> files_;
  std::optional<blobs::LocalBlobStore> local_;
  std::optional<blobs::S3BlobStore> s3_;
};

}  // namespace nexus::app
