// `nexusd check`: looks at an installation without serving it, and says in lines what is well and what is not.
#pragma once
#include "daemon/config/config.hpp"

namespace nexus::app {

/// Prints one line a finding on stdout; answers 0 when all is well, else 1.
int check(const Config& config);

}  // namespace nexus::app
