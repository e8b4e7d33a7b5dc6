// The system calls of the local store that can fail half-way, behind one small class, so that a test can make the Nth
// of them fail. Production uses Disk::system(). Every call is relative to a directory descriptor and follows no
// symbolic link. Return values and errno are those of the system call. Threads: any.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace nexus::blobs {

class Disk {
 public:
  virtual ~Disk() = default;
  virtual int open(int directory, const char* name, int flags, mode_t mode);
  virtual ssize_t write(int fd, const void* data, std::size_t size);
  virtual int sync(int fd);
  virtual int close(int fd);
  virtual int make_directory(int parent, const char* name);
  /// Fails with EEXIST when the target is there.
  virtual int rename_new(int from, const char* old_name, int to, const char* new_name);
  virtual int rename_over(int from, const char* old_name, int to, const char* new_name);
  virtual int unlink(int directory, const char* name, int flags);

  static Disk& system();
};

/// Owns a descriptor opened through a Disk. Unlike Fd, its close can be checked.
class DiskFile {
 public:
  DiskFile() = default;
  DiskFile(Disk& disk, int fd) : disk_(&disk), fd_(fd) {}
  DiskFile(DiskFile&& other) noexcept : disk_(other.disk_), fd_(std::exchange(other.fd_, -1)) {}
  DiskFile& operator=(DiskFile&& other) noexcept;
  ~DiskFile();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  /// These throw Problem: storage.full for a full disk or quota, storage.unavailable for the rest.
  void write_all(std::string_view data);
  void sync();
  void close();

 private:
  Disk* disk_ = nullptr;
  int fd_ = -1;
};

/// Throws the Problem for this errno: ENOSPC and EDQUOT are storage.full, all else storage.unavailable. Names no path.
[[noreturn]] void throw_storage_problem(int error);
/// open with O_CLOEXEC | O_NOFOLLOW, retried on EINTR; throws as above.
DiskFile open_at(Disk& disk, int directory, const char* name, int flags, mode_t mode = 0600);

}  // namespace nexus::blobs
