// The data directory: made with mode 0700, owned by us alone, used by one daemon at a time. Who may read it can read
// every tenant, so looser modes stop the start instead of being mended in silence: somebody may have read already.
// What is inside the files is left to others.
//
// The directory itself is locked, not only the file `lock`: a file can be removed under a running daemon, and a second
// one would make it anew and come in.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "daemon/base/file.hpp"

namespace nexus::store {

/// what() is one line for the operator and ends with the remedy.
struct DirectoryError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The lock is held by another process: a daemon runs on this directory.
struct DirectoryInUse : DirectoryError {
  DirectoryInUse(const std::string& what, std::string pid_) : DirectoryError(what), pid(std::move(pid_)) {}
  std::string pid;  // of that process, or "unknown"
};

/// What becomes of parts that are not there.
enum class MissingParts { are_made, stay };

/// Which file a name leads to.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

/// Holds the lock as long as it lives. Not for two threads, but for `find_replaced`.
class DataDirectory {
 public:
  /// Sets the process's umask to 077, makes what is missing (parents too), takes the lock, checks
  /// owners and modes. Throws DirectoryError (DirectoryInUse for the lock); std::system_error when the system fails
  /// otherwise.
  explicit DataDirectory(const std::filesystem::path& path, MissingParts missing = MissingParts::are_made);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "nexus.db"; }
  std::filesystem::path blobs() const { return path_ / "blobs"; }
  std::filesystem::path keys() const { return path_ / "keys"; }
  std::filesystem::path root_token() const { return path_ / "root.token"; }

  /// From here on `nexus.db` is the file that stands there now. Called once, when it was opened.
  void remember_database();
  /// The first of `nexus.db` and `lock` whose name leads to another file than we hold, or to none, in words for the
  /// operator; empty while both stand. What cannot be looked at is taken for unchanged. From any thread.
  std::string find_replaced() const;

 private:
  void lock_directory();
  void take_lock();
  void hold(const Fd& file, const std::filesystem::path& name) const;
  void check() const;

  std::filesystem::path path_;
  Fd directory_;
  Fd lock_;
  FileIdentity lock_identity_;
  FileIdentity database_identity_;
};

}  // namespace nexus::store
