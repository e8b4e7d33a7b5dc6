// Makes a backup: first a copy of the database, then the archive as a stream of pieces (manifest.hpp tells its form).
//
// The copy is complete before the first piece, so everything that was acknowledged before is in it. Objects are read
// while the archive is pulled. One that its tenant deleted meanwhile is told in the manifest, as is one that the store
// had lost.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/backup/manifest.hpp"
#include "daemon/backup/object_list.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/blobs/local_store.hpp"
#include "store/sqlite/database.hpp"

namespace nexus::backup {

/// Where the objects are.
struct ObjectHome {
  blobs::LocalStore* store = nullptr;  // null: on another server, and only named
  std::string bucket;
  std::string where;  // for people
};

/// Judges whether an object that is not there should be: true when the living store still names it.
using StillNamed = std::function<bool(const blobs::StorageKey&)>;

/// A complete copy of a database, in a file without a name.
struct DatabaseCopy {
  Fd file;
  Manifest manifest;  // what the database says of itself
  std::unique_ptr<ObjectList> objects;
};

/// Removes what copies left in the directory that were ended by a kill. While none is made there.
void remove_left_copies(const std::filesystem::path& directory);

/// Copies the database while its writer goes on (store/sqlite/online_copy.hpp). Needs its size in free space in
/// `directory`, which must exist. Blocks until the copy is complete. Throws std::runtime_error, store::Error and
/// std::system_error.
DatabaseCopy copy_online(store::SqliteDatabase& database, const std::filesystem::path& directory);
/// The same of a file that no daemon uses; the caller holds the directory's lock.
DatabaseCopy copy_offline(const std::filesystem::path& database, const std::filesystem::path& directory);

class Archive {
 public:
  /// What the home refers to must outlive it.
  Archive(DatabaseCopy copy, ObjectHome home, StillNamed still_named);
  /// Puts the next piece into the empty text, at most about 256 KiB. Returns false when that was the last. Throws
  /// std::runtime_error and std::system_error: the archive is then no backup.
  bool pull(std::string& out);
  /// Complete once the last piece was pulled.
  const Manifest& manifest() const { return manifest_; }

 private:
  void begin_file(std::string& out, Fd file, const std::string& name, std::uint64_t size, Micros modified);
  void next_object(std::string& out);
  std::optional<blobs::OpenObject> find(const blobs::StorageKey& key) const;
  void lost(const blobs::StorageKey& key);
  void end_file(std::string& out);

  Fd database_;
  Manifest manifest_;
  std::unique_ptr<ObjectList> objects_;
  const ObjectHome home_;
  const StillNamed still_named_;
  Fd file_;  // that is read now
  std::string key_;
  std::uint64_t size_ = 0, left_ = 0;
  std::optional<Sha256> digest_;
  Sha256 all_objects_;
  bool begun_ = false;
};

}  // namespace nexus::backup
