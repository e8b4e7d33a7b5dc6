// The limits of guard and gates alone; see daemon/limits.hpp.
#pragma once
#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t facts_bytes_max = 16 * MiB;  ///< what guard and gates remember for all tenants; what was
                                                          ///< not used for the longest time goes first

}  // namespace nexus::limits
