// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstddef>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr int locks_in_force_max = 256;       ///< approved locks that are not over, per tenant and env: 409
inline constexpr std::size_t lock_actions_max = 64;  ///< actions that one allows: 422

}  // namespace nexus::limits
