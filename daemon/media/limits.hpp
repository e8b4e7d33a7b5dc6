// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstddef>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t source_uri_bytes_max = 2 * KiB;  ///< the URI of a remote media asset: 422
inline constexpr std::size_t media_tags_max = 32;             ///< tags of a media asset: 422
inline constexpr std::size_t media_tag_bytes_max = 64;        ///< one of them: 422

}  // namespace nexus::limits
