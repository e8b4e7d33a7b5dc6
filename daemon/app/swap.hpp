// The last step of a restore: the prepared store takes the place of the living one. It begins when `restore.tmp/ready`
// is there, and consists of renames that can be done again after a crash at any point.
#pragma once
#include <filesystem>
#include <string>

namespace nexus::app {

/// What is moved in, below `restore.tmp`: unpacked/nexus.db, unpacked/blobs/…, and the key files of keys/.
struct Swap {
  std::filesystem::path data_dir;
  std::filesystem::path prepared() const { return data_dir / "restore.tmp"; }
  std::filesystem::path ready() const { return prepared() / "ready"; }
};

/// Whether a swap began and did not end. Looks without the lock.
bool is_swap_cut(const std::filesystem::path& data_dir);

/// Writes `ready` with the name of the directory that the living database moves to. What was prepared must be synced.
void begin_swap(const Swap& swap, const std::string& before);

/// Does what is left of a swap, and removes `restore.tmp`. Returns the directory that the living database is in now, or
/// nothing when no swap began. The caller holds the data directory's lock. Throws std::system_error; the next call goes
/// on there.
std::string end_swap(const Swap& swap);

}  // namespace nexus::app
