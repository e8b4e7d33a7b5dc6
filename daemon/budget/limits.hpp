// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstddef>
#include <cstdint>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t usage_batch_max = 1000;                     ///< usage events of one request: 422
inline constexpr std::size_t usage_numbers_max = 32;                     ///< numbers in the metadata of one: 422
inline constexpr std::int64_t usage_by_members_max = 1'000'000'000'000;  ///< micro-units of a member's event: 403
inline constexpr std::size_t usage_rollup_rows_max = 2000;  ///< rows of hours and days that one request adds to: 422

}  // namespace nexus::limits
