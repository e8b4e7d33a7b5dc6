#include "tests/bench/machine.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace nexus::bench {
namespace {

/// The text after `name` and its colon in a file of such lines.
std::string entry_of(const std::filesystem::path& file, std::string_view name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t at = line.find_first_not_of(" \t", line.find(':') + 1);
    return at == std::string::npos ? std::string() : line.substr(at);
  }
  return {};
}

/// File system and device of the mount that holds `directory`.
std::string file_system_of(const std::filesystem::path& directory) {
  const std::string wanted = std::filesystem::canonical(directory).string();
  std::ifstream in("/proc/self/mounts");
  std::string best, found = "unknown";
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string device, mount, type;
    fields >> device >> mount >> type;
    if (mount.size() < best.size() || !wanted.starts_with(mount)) continue;
    best = mount;
    found = type;
    found.append(" on ").append(device);
  }
  return found;
}

/// The median of 50, in milliseconds: what a commit of one row at least costs.
double sync_ms(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "sync.probe";
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  const std::string page(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 50 && fd >= 0; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (::write(fd, page.data(), page.size()) < 0 || ::fdatasync(fd) != 0) break;
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  ::close(fd);
  std::filesystem::remove(path);
  std::ranges::sort(times);
  return times.empty() ? 0 : times[times.size() / 2];
}

}  // namespace

std::string machine_facts(const std::filesystem::path& directory) {
  char sync[64];
  std::snprintf(sync, sizeof sync, "a synced 4 KiB takes %.2f ms", sync_ms(directory));
  return std::to_string(std::thread::hardware_concurrency()) + " cores, " + entry_of("/proc/cpuinfo", "model name") +
         "; " + file_system_of(directory) + ", " + sync;
}

double cpu_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The fields behind the name, which ends with the last parenthesis: state is the first, utime and stime 12 and 13.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double resident_mib(pid_t pid) {
  const std::string text = entry_of("/proc/" + std::to_string(pid) + "/status", "VmRSS");
  return text.empty() ? 0 : std::stod(text) / 1024;
}

}  // namespace nexus::bench
