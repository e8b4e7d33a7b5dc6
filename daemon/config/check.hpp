// Judges combinations of options. Part of resolve(), in a file of its own for readability.
#pragma once
#include "daemon/config/resolve.hpp"

namespace nexus {

/// Throws ConfigError, for example for an unintended open listener, an incomplete set of S3 options, or flags that need
/// --dev.
void check_together(const Resolved& resolved);

}  // namespace nexus
