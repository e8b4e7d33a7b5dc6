// `nexusd check`: examines an installation without serving or changing it, and reports what is well, what is not, and
// what it could not compare.
#pragma once
#include "daemon/config/config.hpp"

namespace nexus::app {

/// Prints one line per finding on stdout. Returns 0 when everything that was compared is well, else 1.
int check(const Config& config);

}  // namespace nexus::app
