#include "daemon/blobs/disk.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/blobs/problems.hpp"

namespace nexus::blobs {

int Disk::open(int directory, const char* name, int flags, mode_t mode) {
  return ::openat(directory, name, flags | O_CLOEXEC | O_NOFOLLOW, mode);
}
ssize_t Disk::write(int fd, const void* data, std::size_t size) { return ::write(fd, data, size); }
int Disk::sync(int fd) { return ::fsync(fd); }
int Disk::close(int fd) { return ::close(fd); }
int Disk::make_directory(int parent, const char* name) { return ::mkdirat(parent, name, 0700); }

int Disk::rename_new(int from, const char* old_name, int to, const char* new_name) {
  if (::renameat2(from, old_name, to, new_name, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  // The file system does not support the flag: a link also refuses an existing target.
  if (::linkat(from, old_name, to, new_name, 0) != 0) return -1;
  ::unlinkat(from, old_name, 0);  // if it fails, a sweep removes the old name
  return 0;
}

int Disk::rename_over(int from, const char* old_name, int to, const char* new_name) {
  return ::renameat(from, old_name, to, new_name);
}
int Disk::unlink(int directory, const char* name, int flags) { return ::unlinkat(directory, name, flags); }

Disk& Disk::system() {
  static Disk disk;
  return disk;
}

DiskFile& DiskFile::operator=(DiskFile&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) disk_->close(fd_);
  disk_ = other.disk_;
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

DiskFile::~DiskFile() {
  if (fd_ >= 0) disk_->close(fd_);
}

void DiskFile::write_all(std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = disk_->write(fd_, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_storage_problem(errno);
    if (written == 0) throw_storage_problem(EIO);  // otherwise the loop would never end
    data.remove_prefix(static_cast<std::size_t>(written));
  }
}

void DiskFile::sync() {
  while (disk_->sync(fd_) != 0)
    if (errno != EINTR) throw_storage_problem(errno);
}

void DiskFile::close() {
  const int fd = std::exchange(fd_, -1);
  // After EINTR Linux has released the descriptor all the same; the data was synced before.
  if (fd >= 0 && disk_->close(fd) != 0 && errno != EINTR) throw_storage_problem(errno);
}

void throw_storage_problem(int error) {
  if (error == ENOSPC || error == EDQUOT)
    throw Problem(problems::storage_full, "The blob store is full; nothing was kept.");
  throw Problem(problems::storage_unavailable, "The blob store could not be read or written; nothing was kept.");
}

DiskFile open_at(Disk& disk, int directory, const char* name, int flags, mode_t mode) {
  int fd = -1;
  do fd = disk.open(directory, name, flags, mode);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) throw_storage_problem(errno);
  return {disk, fd};
}

}  // namespace nexus::blobs
