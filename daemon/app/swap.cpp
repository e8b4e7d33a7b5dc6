#include "daemon/app/swap.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "daemon/app/file_digest.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

fs::path ready_of(const fs::path& data_dir) { return data_dir / "restore.tmp" / "ready"; }

/// One call for all files and directories below, however many they are.
void sync_all_of(const fs::path& directory) {
  const Fd fd = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (::syncfs(fd.get()) != 0) throw std::system_error(errno, std::generic_category(), "syncfs");
}

void move(const fs::path& from, const fs::path& to) {
  fs::create_directories(to.parent_path());
  fs::rename(from, to);
}

bool is_same_object(const fs::path& one, const fs::path& other) {
  return fs::file_size(one) == fs::file_size(other) && file_digest(one) == file_digest(other);
}

/// A rename works within one file system alone, and a swap that met another one could neither end nor go back.
void require_one_file_system(const fs::path& data_dir) {
  struct stat own {};
  if (::stat(data_dir.c_str(), &own) != 0) throw std::system_error(errno, std::generic_category(), "stat");
  std::vector<fs::path> parts{data_dir / "keys", data_dir / "blobs"};
  std::error_code absent;
  for (const auto& bucket : fs::directory_iterator(data_dir / "blobs", absent)) parts.push_back(bucket.path());
  for (const auto& part : parts) {
    struct stat status {};
    if (::stat(part.c_str(), &status) == 0 && status.st_dev != own.st_dev)
      throw std::runtime_error(part.string() + " is a file system of its own, and a restore moves files into it: " +
                               "unmount it, restore, and move its files back");
  }
}

/// Every file below `from` takes its place below `to`. A file that is there stays if `stays` says so; else it moves to
/// the same place below `aside`.
void move_in(const fs::path& from, const fs::path& to, const fs::path& aside,
             bool (*stays)(const fs::path& there, const fs::path& prepared)) {
  if (!fs::exists(from)) return;
  std::vector<fs::path> files;
  for (const auto& each : fs::recursive_directory_iterator(from))
    if (each.is_regular_file()) files.push_back(fs::relative(each.path(), from));
  for (const auto& file : files) {
    if (fs::exists(to / file)) {
      if (stays(to / file, from / file)) continue;
      move(to / file, aside / file);
    }
    move(from / file, to / file);
  }
}

/// The living database keeps its name until the new one takes it, so that there is always one; except on a file system
/// without hard links.
void keep_database(const Swap& swap) {
  const fs::path living = swap.data_dir / "nexus.db", kept = swap.replaced() / "nexus.db";
  const bool is_swapped = !fs::exists(swap.prepared() / "unpacked" / "nexus.db");
  if (is_swapped || !fs::exists(living) || fs::exists(kept)) return;
  fs::create_directories(swap.replaced());
  std::error_code impossible;
  fs::create_hard_link(living, kept, impossible);
  if (impossible) fs::rename(living, kept);
}

/// The log must be gone before the new database has the name: it belongs to the living one.
void keep_log(const Swap& swap) {
  if (!fs::exists(swap.prepared() / "unpacked" / "nexus.db")) return;
  if (const fs::path log = swap.data_dir / "nexus.db-wal"; fs::exists(log)) move(log, swap.replaced() / "nexus.db-wal");
  fs::remove(swap.data_dir / "nexus.db-shm");
}

void place_keys(const Swap& swap) {
  move_in(swap.prepared() / "keys", swap.data_dir / "keys", swap.replaced() / "keys",
          [](const fs::path&, const fs::path&) { return false; });
}

/// An object is written once. One that is there with another content was damaged.
void place_objects(const Swap& swap) {
  move_in(swap.prepared() / "unpacked" / "blobs", swap.data_dir / "blobs", swap.replaced() / "blobs", is_same_object);
}

void place_database(const Swap& swap) {
  const fs::path prepared = swap.prepared() / "unpacked" / "nexus.db";
  sync_all_of(swap.data_dir);
  if (fs::exists(prepared)) fs::rename(prepared, swap.data_dir / "nexus.db");
  sync_directory(swap.data_dir);
}

void end(const Swap& swap) {
  fs::remove(ready_of(swap.data_dir));
  sync_directory(swap.prepared());
}

constexpr std::array<SwapStep, 6> kSteps = {{{"keep the living database", keep_database},
                                             {"keep its log", keep_log},
                                             {"place keys", place_keys},
                                             {"place objects", place_objects},
                                             {"place the database", place_database},
                                             {"end", end}}};

/// `before-restore-20261201T023000Z`, with a number behind it while that is taken.
std::string free_name(const fs::path& data_dir) {
  std::string time = to_rfc3339(now_micros()).substr(0, 19) + "Z";
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  const std::string name = "before-restore-" + time;
  for (int i = 1;; ++i)
    if (const std::string tried = i == 1 ? name : name + "-" + std::to_string(i); !fs::exists(data_dir / tried))
      return tried;
}

}  // namespace

std::span<const SwapStep> swap_steps() { return kSteps; }

bool is_swap_cut(const fs::path& data_dir) { return fs::exists(ready_of(data_dir)); }

Swap begin_swap(const fs::path& data_dir) {
  require_one_file_system(data_dir);
  Swap swap{data_dir, free_name(data_dir)};
  sync_all_of(swap.prepared());
  replace_file(ready_of(data_dir), swap.before + "\n");
  return swap;
}

fs::path complete_swap(const fs::path& data_dir) {
  if (!is_swap_cut(data_dir)) {
    fs::remove_all(data_dir / "restore.tmp");  // of a restore that was ended before its swap
    return {};
  }
  const Swap swap{data_dir, std::string(trim_ascii(read_file(ready_of(data_dir), 256)))};
  for (const SwapStep& step : swap_steps()) step.run(swap);
  fs::remove_all(swap.prepared());
  return swap.replaced();
}

}  // namespace nexus::app
