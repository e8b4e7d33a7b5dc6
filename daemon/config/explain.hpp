// What `nexusd config` prints: for every option who won, and whom it beat; for every variable what it means and whether
// it counts. Texts are made here and printed elsewhere. No option is a secret: keys stand in files, whose names are
// shown.
#pragma once
#include <optional>
#include <string>

#include "daemon/config/resolve.hpp"

namespace nexus {

struct ConfigText {
  std::string text;   ///< lines for standard output
  std::string fault;  ///< why the daemon does not start with this configuration; empty: it does
};

/// One line an option: its key, its value, and where that comes from. `key` names one option, which is then told whole:
/// by its name, its key in the file or its variable. Throws ConfigError for an unknown key, and where gather() does.
ConfigText explain_config(const ConfigSources& sources, const std::optional<std::string>& key = {});

/// One line a variable: its name, its state, and its meaning. Throws ConfigError where gather() does.
ConfigText explain_environment(const ConfigSources& sources);

}  // namespace nexus
