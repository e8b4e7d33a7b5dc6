// Runs the daemon with a configuration until it must stop.
#pragma once
#include "daemon/config/config.hpp"

namespace nexus::app {

/// Serves until a signal ends it. Returns the process's exit code. Throws the errors of the start, with lines for the
/// operator.
int serve(const Config& config);

}  // namespace nexus::app
