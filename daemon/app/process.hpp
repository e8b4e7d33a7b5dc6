// What the daemon takes from the system around it: descriptors for connections, and a directory for --ephemeral.
#pragma once
#include <filesystem>

#include "daemon/config/config.hpp"
#include "daemon/rails/rails.hpp"

namespace nexus::app {

/// A directory of our own under the system's temporary one, gone at the end.
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

/// As many connections as the process may have descriptors for.
std::size_t connections_allowed();
/// The last connections never become streams, so that who wants to stop something still gets in.
rails::RailsOptions rails_options(const Config& config);

}  // namespace nexus::app
