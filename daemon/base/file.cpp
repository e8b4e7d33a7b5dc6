#include "daemon/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "daemon/base/uuid.hpp"

namespace nexus {
namespace {

[[noreturn]] void fail(const char* operation) { throw std::system_error(errno, std::generic_category(), operation); }

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Fd::~Fd() { close(); }

void Fd::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Fd open_file(const std::filesystem::path& path, int flags, mode_t mode) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) fail("open");
  return Fd(fd);
}

void write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write");
    data.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const Fd fd = open_file(path, O_RDONLY);
  std::string out;
  char buffer[16384];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read");
    if (got == 0) return out;
    out.append(buffer, static_cast<std::size_t>(got));
    if (out.size() > bytes_max) throw std::system_error(EFBIG, std::generic_category(), "read");
  }
}

void sync_file(int fd) {
  if (::fsync(fd) != 0) fail("fsync");
}

void sync_directory(const std::filesystem::path& directory) {
  const Fd fd = open_file(directory, O_RDONLY | O_DIRECTORY);
  sync_file(fd.get());
}

void replace_file(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  const std::filesystem::path beside = path.parent_path() / ("." + path.filename().string() + "." + uuid_v7());
  try {
    Fd fd = open_file(beside, O_WRONLY | O_CREAT | O_EXCL, mode);
    write_all(fd.get(), content);
    sync_file(fd.get());
    fd.close();
    if (::rename(beside.c_str(), path.c_str()) != 0) fail("rename");
  } catch (...) {
    ::unlink(beside.c_str());
    throw;
  }
  sync_directory(path.parent_path().empty() ? "." : path.parent_path());
}

void occupy_standard_descriptors() {
  // In this order, because open() returns the lowest free number.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

}  // namespace nexus
