// Large files that come and go beside a daemon. What its COMMIT waits for is the disk, so nobody else may keep the disk
// busy for long: one sync of a whole backup, and one removal of it (on a file system that discards what is freed), each
// delay every write by the time that they take. Measured with `./dev bench`, part backups.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string_view>

namespace nexus::backup {

/// Writes a new file in pieces, puts each of them onto the disk, and rests between.
class SteadyFile {
 public:
  /// The descriptor stays the caller's, who syncs the file at its end.
  explicit SteadyFile(int fd) : fd_(fd) {}
  /// Throws std::system_error.
  void write(std::string_view data);

 private:
  int fd_;
  off_t out_ = 0;            // of the file are on the disk
  std::size_t waiting_ = 0;  // bytes behind these
  std::chrono::steady_clock::time_point rested_ = std::chrono::steady_clock::now();
};

/// Removes a file, from its end on; killed meanwhile, it leaves a part, so the name must be one that nobody counts on.
/// Of a file that has another name, and of a link, the name alone goes. Nothing happens where there is none. Throws
/// std::system_error.
void remove_steadily(const std::filesystem::path& file);

}  // namespace nexus::backup
