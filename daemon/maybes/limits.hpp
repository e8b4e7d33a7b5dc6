// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstddef>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t maybe_title_bytes_max = 512;      ///< title of a maybe: 422
inline constexpr std::size_t maybe_body_bytes_max = 64 * KiB;  ///< its body: 422
inline constexpr std::size_t maybe_tags_max = 32;              ///< its tags: 422
inline constexpr std::size_t maybe_tag_bytes_max = 64;         ///< one of them: 422

}  // namespace nexus::limits
