#include "daemon/app/process.hpp"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <fstream>
#include <iterator>
#include <system_error>

#include "daemon/base/clock.hpp"
#include "daemon/base/metrics_page.hpp"

namespace nexus::app {
namespace {

constexpr std::size_t kDescriptorsKept = 128;  // for the database, blobs and files of the libraries

/// As near to the beginning of the process as its own code can tell.
const double kBegan = static_cast<double>(now_micros()) / 1e6;

/// Without the one that reads the list. 0 where /proc cannot be read.
std::size_t open_descriptors() {
  std::error_code unreadable;
  const std::filesystem::directory_iterator list("/proc/self/fd", unreadable);
  if (unreadable) return 0;
  return static_cast<std::size_t>(std::distance(begin(list), end(list))) - 1;
}

sigset_t hangup() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

EphemeralDirectory::EphemeralDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "nexusd-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot make a temporary data directory");
  path_ = pattern;
}

EphemeralDirectory::~EphemeralDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::size_t connections_allowed() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return limits::connections_max;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  return std::min(limits::connections_max,
                  descriptors > 2 * kDescriptorsKept ? descriptors - kDescriptorsKept : descriptors / 2);
}

rails::RailsOptions rails_options(const Config& config) {
  const std::size_t connections = connections_allowed();
  const std::size_t reserved = std::min(limits::connections_reserved, connections / 2);
  return {.streams_max = std::min(config.max_streams, connections - reserved),
          .streams_per_user = config.streams_per_user};
}

void hold_hangups() {
  const sigset_t set = hangup();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool take_hangup() {
  const sigset_t set = hangup();
  constexpr timespec at_once{};
  return ::sigtimedwait(&set, nullptr, &at_once) == SIGHUP;
}

std::string process_metrics_text() {
  std::uint64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  const auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  MetricsPage page;
  page.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM")
      .sample(static_cast<double>(resident) * page_bytes);
  page.gauge("process_virtual_memory_bytes", "Address space of the process")
      .sample(static_cast<double>(pages) * page_bytes);
  page.counter("process_cpu_seconds_total", "Processor time of the process")
      .sample(seconds(used.ru_utime) + seconds(used.ru_stime));
  page.gauge("process_open_fds", "Open descriptors of the process").sample(static_cast<double>(open_descriptors()));
  page.gauge("process_max_fds", "The most descriptors that it may have open")
      .sample(static_cast<double>(descriptors.rlim_cur));
  page.gauge("process_start_time_seconds", "When the process began, in seconds since 1970").sample(kBegan);
  return page.text();
}

}  // namespace nexus::app
