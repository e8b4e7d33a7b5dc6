// The commands besides `serve` and `check`: they change an installation and end. Except where noted, they need an
// existing installation. Each prints what it did and returns the process's exit code. Messages of exceptions are one
// line for the operator.
#pragma once
#include <optional>
#include <string>

#include "daemon/config/config.hpp"

namespace nexus::app {

/// Also makes a missing installation, as the first start would.
int migrate(const Config& config);

/// These three may run beside a daemon, which loads their changes at SIGHUP.
int rotate_root(const Config& config);
int rotate_signing(const Config& config, const std::optional<std::string>& retire);
int list_signing_keys(const Config& config);

int rotate_checkpoint(const Config& config);
/// `confirm` must be the installation's id.
int replace_lost(const Config& config, const std::string& confirm);

}  // namespace nexus::app
