#include "daemon/app/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <system_error>

#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"
#include "daemon/limits.hpp"
#include "daemon/log.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 256 * limits::KiB;
constexpr std::uint64_t kBlockBytes = 512;  // the unit of st_blocks, whatever the file system's block size
static_assert(limits::disk_reserve_bytes % kPieceBytes == 0);

/// Writes random bytes, which no file system can compress.
void write_reserve(const fs::path& path, const std::function<bool()>& stopping) {
  const Fd file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  for (std::size_t done = 0; done < limits::disk_reserve_bytes && !stopping(); done += kPieceBytes)
    write_all(file.get(), random_bytes(kPieceBytes));
  sync_file(file.get());
}

std::uint64_t space_of(const fs::path& directory) {
  std::error_code error;
  const auto space = fs::space(directory, error);
  return error ? 0 : space.available;
}

}  // namespace

Disk::Disk(Terms terms) : terms_(std::move(terms)) {
  std::error_code ignored;
  fs::remove(begun(), ignored);
}

void Disk::look() {
  std::error_code error;
  const auto space = fs::space(terms_.directory, error);
  const std::uint64_t kept = terms_.audit_reserve_bytes + (given_up_ ? limits::disk_reserve_bytes : 0);
  const bool low = error || space.available < kept;
  free_bytes_ = error ? 0 : space.available;
  if (low != is_low_.exchange(low))
    log::warn(
        low ? "free space is below audit.reserve: changes are refused" : "there is space again: changes are taken",
        {{"free_bytes", free_bytes_.load()}, {"reserve_bytes", kept}});
  // Demands twice its size besides, so that making the file does not make the disk low.
  wants_reserve_ = terms_.keeps_reserve && !error && !holds_reserve() &&
                   space.available >= terms_.audit_reserve_bytes + 3 * limits::disk_reserve_bytes;
}

/// Whether the file really occupies its space: a sparse file reserves nothing.
bool Disk::holds_reserve() const {
  struct stat status {};
  return ::stat(file().c_str(), &status) == 0 &&
         static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes >= limits::disk_reserve_bytes;
}

void Disk::keep_reserve(const std::function<bool()>& stopping) {
  const std::unique_lock lock(making_, std::try_to_lock);
  if (!lock || holds_reserve()) return;
  try {
    write_reserve(begun(), stopping);
    if (!stopping()) {
      fs::rename(begun(), file());
      given_up_ = false;
    }
  } catch (const std::system_error& error) {
    log::warn("the reserve of disk could not be made", {{"cause", error.what()}});
  }
  std::error_code ignored;
  fs::remove(begun(), ignored);
}

bool Disk::make_room() {
  std::error_code error;
  if (!fs::remove(file(), error)) return false;
  given_up_ = true;
  is_low_ = true;  // does not wait for the next look
  log::warn("the disk is full: the reserve was given up for what stops things; free some space now",
            {{"free_bytes", space_of(terms_.directory)}, {"reserve_bytes", terms_.audit_reserve_bytes}});
  return true;
}

}  // namespace nexus::app
