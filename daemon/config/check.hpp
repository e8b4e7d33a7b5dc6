// What only options together can get wrong. Part of resolve(); apart from it to be read on its own.
#pragma once
#include "daemon/config/resolve.hpp"

namespace nexus {

/// Throws ConfigError: an open listener nobody asked for, half a set of S3 options, flags that need --dev, ...
void check_together(const Resolved& resolved);

}  // namespace nexus
