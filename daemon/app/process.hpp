// What the daemon asks of the system: descriptors for connections, a directory for --ephemeral, SIGHUP, and what it
// costs the machine.
#pragma once
#include <filesystem>
#include <string>

#include "daemon/config/config.hpp"
#include "daemon/rails/rails.hpp"

namespace nexus::app {

/// A private directory under the system's temporary one; the destructor removes it.
class EphemeralDirectory {
 public:
  EphemeralDirectory();
  ~EphemeralDirectory();
  EphemeralDirectory(const EphemeralDirectory&) = delete;
  EphemeralDirectory& operator=(const EphemeralDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The number of connections that the process has descriptors for.
std::size_t connections_allowed();
/// Options under which the last connections never become streams, so that a caller who wants to stop something still
/// gets in.
rails::RailsOptions rails_options(const Config& config);

/// Blocks SIGHUP, which never ends the daemon: it is polled. Call on the first line of main, before any thread starts.
void hold_hangups();
/// Whether SIGHUP came since the last look.
bool take_hangup();

/// Memory, processor time and descriptors of this process, in Prometheus text, by the names that all programs use. Any
/// thread.
std::string process_metrics_text();

}  // namespace nexus::app
