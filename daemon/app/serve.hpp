// The daemon at work: from a configuration to a served port, until it is told to stop.
#pragma once
#include "daemon/config/config.hpp"

namespace nexus::app {

/// Serves until a signal ends it. Answers the process's exit code. Throws what the start met, in lines for the
/// operator.
int serve(const Config& config);

}  // namespace nexus::app
