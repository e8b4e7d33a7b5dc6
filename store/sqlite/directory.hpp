// The data directory: created with mode 0700, owned by the daemon's user, used by one daemon at a time. A reader of the
// directory can read every tenant. So looser modes stop the start instead of being silently corrected, because the data
// may have been read already. The content of the files is handled elsewhere.
//
// The directory itself is locked, not only the file `lock`: if the file were removed under a running daemon, a second
// daemon could create and lock it anew.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "daemon/base/file.hpp"

namespace nexus::store {

/// what() is one line for the operator and ends with the remedy.
struct DirectoryError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Another process holds the lock: a daemon runs on this directory.
struct DirectoryInUse : DirectoryError {
  DirectoryInUse(const std::string& what, std::string pid_, std::string address_ = {})
      : DirectoryError(what), pid(std::move(pid_)), address(std::move(address_)) {}
  std::string pid;      // of that process, or "unknown"
  std::string address;  // where it answers, as host:port; empty until it does
};

/// What to do with missing parts.
enum class MissingParts { are_made, stay };

/// The identity of the file behind a name: its device and its inode.
using FileIdentity = std::pair<std::uint64_t, std::uint64_t>;

/// Holds the lock during its lifetime. Threads: one, except for `find_replaced`.
class DataDirectory {
 public:
  /// Sets the process's umask to 077, creates missing parts including parents, takes the lock, and checks owners and
  /// modes. Throws DirectoryError (DirectoryInUse for the lock), or std::system_error for other failures of the system.
  explicit DataDirectory(const std::filesystem::path& path, MissingParts missing = MissingParts::are_made);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "nexus.db"; }
  std::filesystem::path blobs() const { return path_ / "blobs"; }
  std::filesystem::path keys() const { return path_ / "keys"; }
  std::filesystem::path root_token() const { return path_ / "root.token"; }

  /// Writes into the lock where this process answers, for whoever finds it held; empty: nowhere any more. Whoever reads
  /// it sends a secret there, so it must go before the port does. Threads: one at a time.
  void tell_address(const std::string& address);
  /// Remembers which file `nexus.db` is now. Called once, after the file was opened; not where the store is elsewhere.
  void remember_database();
  /// Returns, in words for the operator, the first of `nexus.db`, if that is remembered, and `lock` whose name leads to
  /// another file than ours or to none. Empty while both are unchanged. A file that cannot be examined counts as
  /// unchanged. Threads: any.
  std::string find_replaced() const;

 private:
  void lock_directory();
  void take_lock();
  void write_lock(const std::string& more);
  void hold(const Fd& file, const std::filesystem::path& name) const;
  void check() const;

  std::filesystem::path path_;
  Fd directory_;
  Fd lock_;
  FileIdentity lock_identity_;
  std::optional<FileIdentity> database_identity_;
};

/// Removes the log that reading a database created if there was none before, because a missing log is the sign of a
/// lost one. Create it before the read-only Connection, so that it ends after it. The caller must hold the data
/// directory's lock: otherwise the removed log might be in use.
class NoTrace {
 public:
  explicit NoTrace(std::filesystem::path database);
  ~NoTrace();
  NoTrace(const NoTrace&) = delete;
  NoTrace& operator=(const NoTrace&) = delete;

  bool had_log() const { return had_log_; }

 private:
  std::filesystem::path beside(const char* suffix) const { return database_.string() + suffix; }

  const std::filesystem::path database_;
  const bool had_log_;
  const bool had_index_;
};

}  // namespace nexus::store
