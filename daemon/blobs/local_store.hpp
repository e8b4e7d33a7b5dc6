// Objects as plain files, written once: `{directory}/{bucket}/{key}` (0600, directories 0700), each with a sidecar
// `.meta.{filename}` that keeps size, SHA-256, content type and time. (No StorageKey ends in a name with a leading dot,
// so the two never collide.)
//
// An upload streams to `.tmp/`, is synced, and becomes visible by one rename that never replaces. The sidecar is
// durable before that rename: an object that is there has its sidecar, a crash in between leaves only an orphan
// sidecar, which sweep removes. Commits and removals within one owner's directory are serialised, so that the pair
// always agrees. When commit returns, the object survives power loss; when it throws, nothing is visible under the
// final name.
//
// Blocking file I/O: call it off the event loop. All functions from any thread; one Upload from one thread at a time,
// and no Upload outlives its store. Refusals are Problems without paths: storage.full, storage.unavailable, blob.*.
// Left to others: who may do this (guard), which key (StorageKey), signed forms (verify.hpp).
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

/// One upload on its way; removed without trace unless commit succeeded. A call that threw has ended it.
class Upload {
 public:
  Upload(Upload&& other) noexcept;
  Upload& operator=(Upload&&) = delete;
  ~Upload();

  /// blob.size_out_of_range as soon as the terms' maximum is passed.
  void append(std::string_view chunk);
  /// Checks size (blob.size_out_of_range) and digest (blob.digest_mismatch), then makes the object durable and visible;
  /// blob.exists when the key has one already. May be called once.
  ObjectInfo commit();
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
  /// Makes the directory when it is missing. Throws std::system_error when it cannot.
  explicit LocalStore(const std::filesystem::path& directory, Disk& disk = Disk::system());

  Upload begin(std::string_view bucket, UploadTerms terms);
  std::optional<ObjectInfo> stat(std::string_view bucket, const StorageKey& key);
  std::optional<OpenObject> open(std::string_view bucket, const StorageKey& key);
  /// True when there was one. The owner's directory goes with its last object.
  bool remove(std::string_view bucket, const StorageKey& key);
  /// All objects of the key's owner, whatever their names.
  void remove_owner(std::string_view bucket, const StorageKey& key);

  /// Removes temporary files older than this that no Upload holds, and sidecars without object; returns how many.
  /// At start: zero seconds. Throws std::filesystem::filesystem_error when the directory cannot be read.
  /// `goes_on` is asked before each sidecar: a large store takes a while, and a stopping daemon does not wait for it.
  std::size_t sweep(
      std::chrono::seconds older_than, const std::function<bool()>& goes_on = [] { return true; });

 private:
  friend class Upload;
  /// Holds one owner's directory of one bucket for commit, remove or sweep.
  class OwnerLock;

  std::optional<OpenObject> look(std::string_view bucket, const StorageKey& key) const;
  Fd walk(std::string_view bucket, const StorageKey& key) const;
  DiskFile make_owner_directory(std::string_view bucket, const StorageKey& key);
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
