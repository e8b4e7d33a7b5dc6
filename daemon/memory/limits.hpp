// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstddef>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t turn_content_bytes_max = 64 * KiB;  ///< content of one turn of memory: 422

}  // namespace nexus::limits
