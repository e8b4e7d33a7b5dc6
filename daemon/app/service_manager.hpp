// The service manager that started the daemon, mostly systemd: what it is told (sd_notify(3)), how long the daemon may
// be silent (sd_watchdog_enabled(3)), and the sockets that it opened beforehand (sd_listen_fds(3)). The one place that
// knows libsystemd. In a build without it (NEXUS_SYSTEMD), and where nobody listens, telling does nothing.
//
// Threads: any.
#pragma once
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace nexus::app {

class ServiceManager {
 public:
  /// A sentence for `systemctl status`; changes no state.
  void tell(const std::string& status);
  /// Requests are answered from now on, or again after reloading().
  void ready(const std::string& status);
  /// The configuration is being read again, until ready().
  void reloading();
  /// The end has begun: from now on nothing else is told but alive().
  void stopping(const std::string& status);
  /// The daemon lives. To be told more often than watchdog_limit().
  void alive();

 private:
  void send(const std::string& lines);

  std::mutex mutex_;
  bool stopping_ = false;
};

/// After how long a silence the manager ends this process and starts another; nothing where it does not watch us.
std::optional<std::chrono::microseconds> watchdog_limit();

/// A socket that the manager opened and passed on. Nothing was judged yet.
struct PassedSocket {
  int descriptor = -1;
  std::string name;  ///< FileDescriptorName= of the unit; by default the name of the unit
};
/// Those that were passed to this process, in the order of the unit. Throws std::runtime_error.
std::vector<PassedSocket> passed_sockets();

}  // namespace nexus::app
