// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstdint>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::int64_t observation_by_members_max = 1'000'000'000'000'000;  ///< a member's value: 403

}  // namespace nexus::limits
