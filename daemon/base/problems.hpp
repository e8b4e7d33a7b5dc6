// Refusals that any part may raise. The build gathers all such files.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo store_busy{
    "store.busy", 503, "The store is busy",
    "The write queue is full. Nothing was changed; retry after the seconds of Retry-After."};
inline constexpr CodeInfo internal_error{
    "internal.error", 500, "An internal error",
    "The daemon met a condition that it did not expect; nothing was changed. The log has the cause under request_id."};

}  // namespace nexus::problems
