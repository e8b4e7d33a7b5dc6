// Making, checking and locking the data directory.
#include "store/sqlite/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
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

void require_private(const fs::path& path) {
  const auto status = look(path);
  if (!status) return;
  if (status->st_uid != ::geteuid()) {
    throw DirectoryError(path.string() + " belongs to uid " + std::to_string(status->st_uid) + ", nexusd runs as uid " +
                         std::to_string(::geteuid()) + ": chown " + std::to_string(::geteuid()) + " " + path.string());
  }
  if ((status->st_mode & kGroupAndOthers) == 0) return;
  const char* mode = S_ISDIR(status->st_mode) ? "700 " : "600 ";
  throw DirectoryError("others than nexusd may open " + path.string() + ": chmod " + mode + path.string());
}

void make_private(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);  // 0700 by the umask, parents too
  if (error) throw DirectoryError("cannot make the directory " + path.string() + ": " + error.message());
}

std::string owner_of_lock(const fs::path& path) {
  try {
    std::string pid = read_file(path, 32);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    if (!pid.empty()) return pid;
  } catch (const std::system_error&) {
    // Who holds it is said if we can; that somebody does is known.
  }
  return "unknown";
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

DataDirectory::DataDirectory(const fs::path& path) : path_(fs::absolute(path).lexically_normal()) {
  ::umask(077);
  make_private(path_);
  require_private(path_);
  take_lock();
  make_private(blobs());
  make_private(keys());
  check();
}

void DataDirectory::take_lock() {
  const fs::path file = path_ / "lock";
  lock_ = open_lock(file);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw std::system_error(errno, std::generic_category(), "flock " + file.string());
    throw DirectoryInUse("another nexusd (pid " + owner_of_lock(file) + ") uses " + path_.string() +
                         ": stop it, or choose another --data-dir");
  }
  if (::ftruncate(lock_.get(), 0) != 0) throw std::system_error(errno, std::generic_category(), "truncate lock");
  write_all(lock_.get(), std::to_string(::getpid()) + "\n");
}

void DataDirectory::check() const {
  for (const char* file : {"lock", "nexus.db", "nexus.db-wal", "nexus.db-shm"}) require_private(path_ / file);
  require_private(root_token());
  require_private(blobs());
  require_private(keys());
  for (const auto& key : fs::directory_iterator(keys())) require_private(key.path());
}

}  // namespace nexus::store
