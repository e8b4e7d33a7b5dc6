// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstddef>
#include <cstdint>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t filename_bytes_max = 1024;           ///< a filename as sent: 422
inline constexpr std::uint64_t upload_bytes_default = 100 * MiB;  ///< `max_bytes` of a presigned upload when not sent
inline constexpr std::size_t raw_filter_bytes_max = 1024;         ///< a metadata value that assets are found by: 422
inline constexpr int raw_rows_scanned_max = 2000;                 ///< assets that one page of a filtered list looks at

static_assert(upload_bytes_default <= upload_bytes_hard_max);
static_assert(filename_bytes_max < head_bytes_max, "a filename fits the head of a download");

}  // namespace nexus::limits
