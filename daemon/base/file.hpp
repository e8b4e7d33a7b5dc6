// File functions for stores: owned descriptors, whole reads with a limit, durable replacement. Every function throws
// std::system_error with the errno of the failed call; the message names the operation.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace nexus {

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

/// open(2) with O_CLOEXEC, retried on EINTR.
Fd open_file(const std::filesystem::path& path, int flags, mode_t mode = 0600);
void write_all(int fd, std::string_view data);
std::string read_file(const std::filesystem::path& path, std::size_t bytes_max);
void sync_file(int fd);
/// Puts this part of a file onto the disk and waits for it, so that a later sync_file has little left to do. It makes
/// nothing durable: what says where the part stands may still be in memory. That is why nobody else's sync waits for
/// it. The twin of POSIX syncs the data of the whole file.
void write_out(int fd, off_t from, std::size_t bytes);
void sync_directory(const std::filesystem::path& directory);

/// Writes a new file beside `path`, syncs it, renames it over `path`, and syncs the directory. After it returns, the
/// new content survives a crash.
void replace_file(const std::filesystem::path& path, std::string_view content, mode_t mode = 0600);

/// Opens /dev/null for each standard descriptor that is closed at start, in the wrong mode (0 for writing, 1 and 2 for
/// reading), so that its use is an error. Otherwise the next opened file, database or socket would get its number, and
/// printed text would go there. Call it before anything else is opened.
void occupy_standard_descriptors();

}  // namespace nexus
