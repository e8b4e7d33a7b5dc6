// The data directory: made with mode 0700, owned by us alone, used by one daemon at a time. Who may read it can read
// every tenant, so looser modes stop the start instead of being mended in silence: somebody may have read already.
// What is inside the files is left to others.
#pragma once
#include <filesystem>
#include <stdexcept>

#include "daemon/base/file.hpp"

namespace nexus::store {

/// what() is one line for the operator and ends with the remedy.
struct DirectoryError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The lock is held by another process: a daemon runs on this directory.
struct DirectoryInUse : DirectoryError {
  using DirectoryError::DirectoryError;
};

/// Holds the lock as long as it lives. Not for two threads.
class DataDirectory {
 public:
  /// Sets the process's umask to 077, makes what is missing (parents too), takes the lock, checks owners and modes.
  /// Throws DirectoryError (DirectoryInUse for the lock); std::system_error when the system fails otherwise.
  explicit DataDirectory(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "nexus.db"; }
  std::filesystem::path blobs() const { return path_ / "blobs"; }
  std::filesystem::path keys() const { return path_ / "keys"; }
  std::filesystem::path root_token() const { return path_ / "root.token"; }

 private:
  void take_lock();
  void check() const;

  std::filesystem::path path_;
  Fd lock_;
};

}  // namespace nexus::store
