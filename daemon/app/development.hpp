// What `nexusd --dev` adds: a tenant, a user who owns it, a token valid for 12 hours, and the lines that put them into
// a shell.
#pragma once
#include <string>

#include "daemon/app/installation.hpp"
#include "daemon/guard/bearer.hpp"

namespace nexus::app {

/// Makes t_dev and u_dev if they are missing, and a new token of u_dev. Returns its text.
std::string make_dev_identity(Installation& installation, const Bearers& bearers);

/// `export NEXUS_…` lines for a POSIX shell.
std::string environment_lines(const std::string& address, const std::string& token,
                              const std::filesystem::path& root_token);

}  // namespace nexus::app
