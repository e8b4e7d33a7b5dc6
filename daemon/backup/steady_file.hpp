// Large files that come and go beside a daemon. What its COMMIT waits for is the disk, so nobody else may keep the disk
// busy for long: one sync of a whole backup, and one removal of it (on a file system that discards what is freed), each
// delay every write by the time that they take. Measured with `./dev bench`, part backups.
#pragma once
#include <chrono>
#include <filesystem>
#include <string_view>

namespace nexus::backup {

/// Writes a file in pieces, syncs each of them, and rests between.
class SteadyFile {
 public:
  /// The descriptor stays the caller's, who syncs the file at its end.
  explicit SteadyFile(int fd) : fd_(fd) {}
  /// Throws std::system_error.
  void write(std::string_view data);

 private:
  int fd_;
  std::size_t unsynced_ = 0;
  std::chrono::steady_clock::time_point rested_ = std::chrono::steady_clock::now();
};

/// Removes a file, from its end on. Nothing happens where there is none. Throws std::system_error.
void remove_steadily(const std::filesystem::path& file);

}  // namespace nexus::backup
