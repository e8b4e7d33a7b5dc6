#include "daemon/app/doctor/holders.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "daemon/base/text.hpp"

namespace nexus::app::doctor {
namespace {

namespace fs = std::filesystem;

fs::path proc_of(pid_t pid) { return fs::path("/proc") / std::to_string(pid); }

/// `MAJOR:MINOR:INODE` as /proc/locks has it; empty for a file that is not there.
std::string lock_name_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "";
  char name[64];
  std::snprintf(name, sizeof name, "%02x:%02x:%llu", major(status.st_dev), minor(status.st_dev),
                static_cast<unsigned long long>(status.st_ino));
  return name;
}

pid_t pid_in(std::string_view text) {
  text = trim_ascii(text);
  pid_t pid = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), pid);
  return fault == std::errc() && end == text.data() + text.size() ? pid : 0;
}

/// The first line of the lock is the pid, the second where it answers.
std::vector<std::string> lines_of_lock(const fs::path& data_dir) {
  std::vector<std::string> lines;
  try {
    std::istringstream text(read_file(data_dir / "lock", 512));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
  } catch (const std::exception&) {
    // no such file
  }
  lines.resize(2);
  return lines;
}

}  // namespace

std::vector<pid_t> lock_holders(const fs::path& file) {
  std::vector<pid_t> holders;
  const std::string wanted = lock_name_of(file);
  std::ifstream locks("/proc/locks");
  for (std::string line; !wanted.empty() && std::getline(locks, line);) {
    // `12: FLOCK  ADVISORY  WRITE 4711 fd:01:131090 0 EOF`; one who waits has `->` behind the number.
    std::istringstream words(line);
    std::string number, kind, advisory, access, pid, name;
    words >> number >> kind >> advisory >> access >> pid >> name;
    if (kind == "FLOCK" && name == wanted) holders.push_back(pid_in(pid));
  }
  std::erase_if(holders, [](pid_t pid) { return pid <= 0 || pid == ::getpid(); });
  std::ranges::sort(holders);
  holders.erase(std::ranges::unique(holders).begin(), holders.end());
  return holders;
}

std::string program_of(pid_t pid) {
  std::string name;
  std::getline(std::ifstream(proc_of(pid) / "comm"), name);
  return name.empty() ? "a process" : name;
}

OpenFile open_file_of(pid_t pid, const fs::path& file) {
  struct stat wanted {
  }, seen{};
  if (::stat(file.c_str(), &wanted) != 0) return OpenFile::unseen;
  std::error_code unreadable;
  const std::string name = fs::weakly_canonical(file, unreadable);
  bool other = false;
  for (fs::directory_iterator at(proc_of(pid) / "fd", unreadable), end; at != end; at.increment(unreadable)) {
    if (::stat(at->path().c_str(), &seen) != 0) continue;
    if (seen.st_dev == wanted.st_dev && seen.st_ino == wanted.st_ino) return OpenFile::same;
    std::error_code gone;
    const std::string target = fs::read_symlink(at->path(), gone);
    other = other || target == name || target == name + " (deleted)";
  }
  return other ? OpenFile::other : OpenFile::unseen;
}

std::optional<std::size_t> descriptor_limit_of(pid_t pid) {
  std::ifstream limits(proc_of(pid) / "limits");
  for (std::string line; std::getline(limits, line);) {
    constexpr std::string_view name = "Max open files";
    if (!line.starts_with(name)) continue;
    std::istringstream words(line.substr(name.size()));
    std::string soft;
    std::size_t hard = 0;
    if (words >> soft >> hard) return hard;
  }
  return std::nullopt;
}

Use::Use(const fs::path& data_dir, bool within) : in_use_(within) {
  const auto lines = lines_of_lock(data_dir);
  named_ = pid_in(lines[0]);
  address_ = lines[1];
  if (!within) {
    held_ = open_file(data_dir, O_RDONLY | O_DIRECTORY);
    in_use_ = ::flock(held_.get(), LOCK_EX | LOCK_NB) != 0;
    if (in_use_) held_.close();
  }
  holders_ = lock_holders(data_dir);
  for (const pid_t pid : lock_holders(data_dir / "lock"))
    if (std::ranges::find(holders_, pid) == holders_.end()) holders_.push_back(pid);
  if (within) holders_.insert(holders_.begin(), ::getpid());
}

std::optional<pid_t> Use::pid() const {
  if (!in_use_ || holders_.empty()) return std::nullopt;
  const auto named = std::ranges::find(holders_, named_);
  return named == holders_.end() ? holders_.front() : *named;
}

}  // namespace nexus::app::doctor
