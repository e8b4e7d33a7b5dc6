#include "daemon/app/service_manager.hpp"

#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

#ifdef NEXUS_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace nexus::app {

#ifdef NEXUS_SYSTEMD

// Whether anybody heard it changes nothing for the daemon.
void ServiceManager::send(const std::string& lines) { ::sd_notify(0, lines.c_str()); }

std::optional<std::chrono::microseconds> watchdog_limit() {
  std::uint64_t micros = 0;
  if (::sd_watchdog_enabled(0, &micros) <= 0) return std::nullopt;
  return std::chrono::microseconds(micros);
}

std::vector<PassedSocket> passed_sockets() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(0, &names);
  if (count < 0) throw std::system_error(-count, std::generic_category(), "LISTEN_FDS and LISTEN_PID");
  std::vector<PassedSocket> sockets;
  for (int i = 0; i < count; ++i) {
    sockets.push_back({SD_LISTEN_FDS_START + i, names[i]});
    std::free(names[i]);
  }
  std::free(names);
  return sockets;
}

#else

void ServiceManager::send(const std::string&) {}
std::optional<std::chrono::microseconds> watchdog_limit() { return std::nullopt; }
std::vector<PassedSocket> passed_sockets() { return {}; }

#endif

void ServiceManager::tell(const std::string& status) {
  const std::lock_guard lock(mutex_);
  if (!stopping_) send("STATUS=" + status);
}

void ServiceManager::ready(const std::string& status) {
  const std::lock_guard lock(mutex_);
  if (!stopping_) send("READY=1\nSTATUS=" + status);
}

void ServiceManager::reloading() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();  // CLOCK_MONOTONIC, as systemd compares it
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  send("RELOADING=1\nSTATUS=reading the configuration and the keys again\nMONOTONIC_USEC=" +
       std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
}

void ServiceManager::stopping(const std::string& status) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(stopping_, true)) return;
  send("STOPPING=1\nSTATUS=" + status);
}

void ServiceManager::alive() {
  const std::lock_guard lock(mutex_);
  send("WATCHDOG=1");
}

}  // namespace nexus::app
