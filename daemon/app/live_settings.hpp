// What of the configuration takes effect while the daemon serves: SIGHUP has it read again.
#pragma once
#include "daemon/config/reload.hpp"
#include "daemon/http/access_log.hpp"

namespace nexus::app {

/// Sets form and level of the log. Any thread.
void configure_log(const Config& config);
/// How requests are told in the log.
http::AccessOptions access_options(const Config& config);

/// The configuration in force: that of the start, with what was taken since. Used by one thread at a time.
class LiveSettings {
 public:
  /// `sources` are those of the start: the file is read again, the command line and the environment stay as they are.
  LiveSettings(ConfigSources sources, Resolved start) : sources_(std::move(sources)), in_force_(std::move(start)) {}

  /// Reads it again, and tells each option that changed: what is taken, and what waits for the next start. The log
  /// follows at once; for the rest see config(). An invalid configuration changes nothing, and the log says why.
  void read_again();
  const Config& config() const { return in_force_.config; }

 private:
  const ConfigSources sources_;
  Resolved in_force_;
};

}  // namespace nexus::app
