// The commands beside `serve` and `check`: they change an installation and end. None makes one where none is. Each
// answers the process's exit code and prints what it did; what it throws is a line for the operator.
#pragma once
#include <optional>
#include <string>

#include "daemon/config/config.hpp"

namespace nexus::app {

/// This one alone makes an installation where none is: what the first start would make.
int migrate(const Config& config);

/// These three may run beside a daemon, which takes what they wrote at SIGHUP.
int rotate_root(const Config& config);
int rotate_signing(const Config& config, const std::optional<std::string>& retire);
int list_signing_keys(const Config& config);

int rotate_checkpoint(const Config& config);
/// `confirm` must be the installation's id.
int replace_lost(const Config& config, const std::string& confirm);

}  // namespace nexus::app
