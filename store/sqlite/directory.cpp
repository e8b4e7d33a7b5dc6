#include "store/sqlite/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sstream>
#include <system_error>

namespace nexus::store {
namespace {
namespace fs = std::filesystem;
constexpr mode_t kGroupAndOthers = S_IRWXG | S_IRWXO;

std::optional<struct stat> look(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  throw DirectoryError("cannot look at " + path.string() + ": " + std::strerror(errno));
}

/// Never tells root to chown a store. Most likely it is the service's, whose own user (packaging/nexusd.sysusers) could
/// no longer open it; that of a unit with DynamicUser has no name with which to give it back.
std::string remedy_for_owner(uid_t owner, const fs::path& path) {
  const std::string own = std::to_string(::geteuid()), theirs = std::to_string(owner);
  if (::geteuid() == 0) return "run nexusd as the user who owns it: sudo -u '#" + theirs + "' nexusd ...";
  if (owner == 0) return "chown " + own + " " + path.string();
  return "run nexusd as the user who owns it, or give it another --data-dir";
}

FileIdentity identity_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

/// Returns nothing if the name leads to no file.
std::optional<FileIdentity> identity_of(const fs::path& path) {
  const auto status = look(path);
  return status ? std::optional(identity_of(*status)) : std::nullopt;
}

void require_private(const fs::path& path) {
  const auto status = look(path);
  if (!status) return;
  if (status->st_uid != ::geteuid())
    throw DirectoryError(path.string() + " belongs to uid " + std::to_string(status->st_uid) + ", nexusd runs as uid " +
                         std::to_string(::geteuid()) + ": " + remedy_for_owner(status->st_uid, path));
  if ((status->st_mode & kGroupAndOthers) == 0) return;
  const char* mode = S_ISDIR(status->st_mode) ? "700 " : "600 ";
  throw DirectoryError("others than nexusd may open " + path.string() + ": chmod " + mode + path.string());
}

void make_private(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);  // 0700 by the umask, parents too
  if (error) throw DirectoryError("cannot make the directory " + path.string() + ": " + error.message());
}

struct LockOwner {
  std::string pid = "unknown", address = {};
};

/// The lines of the file.
LockOwner owner_of_lock(const fs::path& path) {
  LockOwner owner;
  try {
    std::istringstream lines(read_file(path, 512));
    if (std::string pid; std::getline(lines, pid) && !pid.empty()) owner.pid = pid;
    // An address that a dead process left may be a stranger's by now.
    const pid_t pid = std::atoi(owner.pid.c_str());
    if (pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM)) std::getline(lines, owner.address);
  } catch (const std::system_error&) {
    // The lock is held in any case; only the holder stays unknown.
  }
  return owner;
}

Fd open_lock(const fs::path& path) {
  try {
    return open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  } catch (const std::system_error& error) {
    throw DirectoryError("cannot open " + path.string() + " (" + error.code().message() +
                         "): give nexusd a --data-dir that it may write");
  }
}

}  // namespace

DataDirectory::DataDirectory(const fs::path& path, MissingParts missing)
    : path_(fs::absolute(path).lexically_normal()) {
  ::umask(077);
  const bool makes = missing == MissingParts::are_made;
  if (makes) make_private(path_);
  require_private(path_);
  lock_directory();
  if (makes || fs::exists(path_ / "lock")) take_lock();
  if (makes) make_private(blobs());
  if (makes) make_private(keys());
  check();
}

/// The first step, so that a second daemon leaves the files of the first unchanged.
void DataDirectory::lock_directory() {
  directory_ = open_file(path_, O_RDONLY | O_DIRECTORY);
  hold(directory_, path_);
}

void DataDirectory::hold(const Fd& file, const fs::path& name) const {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return;
  if (errno != EWOULDBLOCK) throw std::system_error(errno, std::generic_category(), "flock " + name.string());
  const LockOwner owner = owner_of_lock(path_ / "lock");
  throw DirectoryInUse(
      "another nexusd (pid " + owner.pid + ") uses " + path_.string() + ": stop it, or name another directory",
      owner.pid, owner.address);
}

void DataDirectory::take_lock() {
  const fs::path file = path_ / "lock";
  lock_ = open_lock(file);
  hold(lock_, file);
  struct stat status {};
  if (::fstat(lock_.get(), &status) != 0) throw std::system_error(errno, std::generic_category(), "fstat lock");
  lock_identity_ = identity_of(status);
  write_lock("");
}

void DataDirectory::tell_address(const std::string& address) { write_lock(address.empty() ? "" : address + "\n"); }

void DataDirectory::write_lock(const std::string& more) {
  if (::ftruncate(lock_.get(), 0) != 0 || ::lseek(lock_.get(), 0, SEEK_SET) != 0)
    throw std::system_error(errno, std::generic_category(), "truncate lock");
  write_all(lock_.get(), std::to_string(::getpid()) + "\n" + more);
}

void DataDirectory::remember_database() { database_identity_ = identity_of(database()).value_or(FileIdentity{}); }

std::string DataDirectory::find_replaced() const {
  for (const auto& [path, held] :
       {std::pair(database(), database_identity_), std::pair(path_ / "lock", std::optional(lock_identity_))}) {
    if (!held) continue;
    try {
      const auto found = identity_of(path);
      if (!found) return path.string() + " was removed or renamed while nexusd held it";
      if (*found != held) return path.string() + " is another file than nexusd holds";
    } catch (const DirectoryError&) {
      // A file system that currently fails has not replaced the file.
    }
  }
  return {};
}

void DataDirectory::check() const {
  for (const char* file : {"lock", "nexus.db", "nexus.db-wal", "nexus.db-shm"}) require_private(path_ / file);
  require_private(root_token());
  for (const char* file : {"root.token.next", "reserve"}) require_private(path_ / file);
  require_private(blobs());
  require_private(keys());
  std::error_code missing;
  for (const auto& key : fs::directory_iterator(keys(), missing)) require_private(key.path());
}

NoTrace::NoTrace(fs::path database)
    : database_(std::move(database)), had_log_(fs::exists(beside("-wal"))), had_index_(fs::exists(beside("-shm"))) {}

NoTrace::~NoTrace() {
  std::error_code ignored;
  const auto bytes = fs::file_size(beside("-wal"), ignored);
  if (had_log_ || (!ignored && bytes > 0)) return;
  fs::remove(beside("-wal"), ignored);
  if (!had_index_) fs::remove(beside("-shm"), ignored);
}

}  // namespace nexus::store
