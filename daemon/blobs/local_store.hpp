// Objects as plain files, written once: `{directory}/{bucket}/{key}` (0600, directories 0700), each with a sidecar
// `.meta.{filename}` that keeps size, SHA-256, content type and time. (No StorageKey ends in a name with a leading dot,
// so the two never collide.)
//
// An upload streams to `.tmp/`, is synced, and becomes visible by one rename that never replaces. The sidecar is
// durable before that rename, so every visible object has its sidecar. A crash in between leaves only an orphan
// sidecar, which sweep removes. Commits and removals within one owner's directory are serialised, so that the pair
// always agrees. When commit returns, the object survives power loss; when it throws, nothing is visible under the
// final name.
//
// Blocking file I/O: call it off the event loop. Threads: any for all functions; one at a time for an Upload, which
// must not outlive its store. Refusals are Problems without paths: storage.full, storage.unavailable, blob.*.
// Permissions are the guard's task, keys StorageKey's, signed forms verify.hpp's.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"
#include "daemon/blobs/disk.hpp"
#include "daemon/blobs/object.hpp"

namespace nexus::blobs {

class LocalStore;

/// One upload in progress.
class Upload final : public ObjectWriter {
 public:
  Upload(Upload&& other) noexcept;
  Upload& operator=(Upload&&) = delete;
  ~Upload() override;

  /// Throws blob.size_out_of_range as soon as the terms' maximum is exceeded.
  void append(std::string_view chunk) override;
  /// Checks size (blob.size_out_of_range) and digest (blob.digest_mismatch), then makes the object durable and visible.
  /// Throws blob.exists when the key has an object already. May be called once.
  ObjectInfo commit() override;
  std::uint64_t size() const { return size_; }
  const StorageKey& key() const { return terms_.key; }

 private:
  friend class LocalStore;
  Upload(LocalStore& store, std::string bucket, UploadTerms terms);
  ObjectInfo judge();
  void discard() noexcept;

  LocalStore* store_;
  std::string bucket_;
  UploadTerms terms_;
  std::string temp_name_;
  DiskFile file_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
};

struct OpenObject {
  Fd file;  // read only, at offset 0
  ObjectInfo info;
};

class LocalStore {
 public:
  /// Creates the directory when it is missing. Throws std::system_error on failure.
  explicit LocalStore(const std::filesystem::path& directory, Disk& disk = Disk::system());

  Upload begin(std::string_view bucket, UploadTerms terms);
  std::optional<ObjectInfo> stat(std::string_view bucket, const StorageKey& key);
  std::optional<OpenObject> open(std::string_view bucket, const StorageKey& key);
  /// True when there was one. Also removes the owner's directory with its last object.
  bool remove(std::string_view bucket, const StorageKey& key);
  /// Removes all objects of the key's owner, whatever their names.
  void remove_owner(std::string_view bucket, const StorageKey& key);

  /// Removes temporary files older than `older_than` that no Upload holds, and sidecars without object. Returns their
  /// number. At start `older_than` is zero. Throws std::filesystem::filesystem_error when the directory cannot be read.
  /// Calls `goes_on` before each sidecar, so that a stopping daemon need not wait for a large store.
  std::size_t sweep(
      std::chrono::seconds older_than, const std::function<bool()>& goes_on = [] { return true; });

 private:
  friend class Upload;
  /// Locks one owner's directory of one bucket for commit, remove or sweep.
  class OwnerLock;

  std::optional<OpenObject> look(std::string_view bucket, const StorageKey& key) const;
  Fd walk(std::string_view bucket, const StorageKey& key) const;
  DiskFile make_plane_directory(std::string_view bucket, const StorageKey& key);
  void publish(const Upload& upload, const ObjectInfo& info);
  void publish_in(int owner_directory, const Upload& upload, const ObjectInfo& info);
  void write_sidecar(int owner_directory, const std::string& filename, const ObjectInfo& info);
  void forget_owner(std::string_view bucket, const StorageKey& key) noexcept;
  std::size_t sweep_temporary(std::chrono::seconds older_than);
  std::size_t sweep_sidecars(const std::function<bool()>& goes_on);
  bool sweep_sidecar(const std::filesystem::path& sidecar);

  std::filesystem::path directory_;
  Disk& disk_;
  Fd root_;
  Fd temp_;
  std::mutex mutex_;
  std::condition_variable released_;
  std::set<std::string> held_owners_;     // guarded by mutex_
  std::set<std::string> ready_planes_;    // guarded by mutex_: `{bucket}/tenants/{t}/{env}/{plane}` known durable
  std::set<std::string> live_temporary_;  // guarded by mutex_
};

}  // namespace nexus::blobs
