// `nexusd check`: looks at an installation without serving or changing it, and says in lines what is well, what is not,
// and what it could not compare.
#pragma once
#include "daemon/config/config.hpp"

namespace nexus::app {

/// Prints one line a finding on stdout; answers 0 when all that was compared is well, else 1.
int check(const Config& config);

}  // namespace nexus::app
