#include "daemon/backup/steady_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>

#include "daemon/base/file.hpp"

namespace nexus::backup {
namespace {

using Clock = std::chrono::steady_clock;

// Written or freed at once: about a millisecond of a fast disk.
constexpr std::size_t kWrittenAtOnce = 256 << 10;
constexpr off_t kFreedAtOnce = 1 << 20;

// A piece may have been waited for, as the first is while the daemon copies: the rest does not grow with that.
constexpr std::chrono::milliseconds kRestMax{50};

/// As long as the piece took, so that others have half of the disk's time.
void rest_after(Clock::duration work) { std::this_thread::sleep_for(std::min<Clock::duration>(work, kRestMax)); }

}  // namespace

void SteadyFile::write(std::string_view data) {
  write_all(fd_, data);
  waiting_ += data.size();
  if (waiting_ < kWrittenAtOnce) return;
  write_out(fd_, out_, waiting_);
  out_ += static_cast<off_t>(waiting_);
  waiting_ = 0;
  rest_after(Clock::now() - rested_);
  rested_ = Clock::now();
}

void remove_steadily(const std::filesystem::path& file) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  const bool alone = fd && ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
  for (off_t left = alone ? status.st_size : 0; left > kFreedAtOnce;) {
    const auto start = Clock::now();
    left -= kFreedAtOnce;
    if (::ftruncate(fd.get(), left) != 0) throw std::system_error(errno, std::generic_category(), "shorten a file");
    sync_file(fd.get());
    rest_after(Clock::now() - start);
  }
  std::filesystem::remove(file);
}

}  // namespace nexus::backup
