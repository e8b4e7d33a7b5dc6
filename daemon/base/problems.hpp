// Refusals that any part may raise. The build gathers all such files.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo store_busy{
    "store.busy", 503, "The store is busy",
    "Too much waits for the store, or for memory: the write queue is full, this tenant's bodies or unread answers take "
    "what is left for them, no memory is left at all, or the server of the database cannot be reached. Nothing was "
    "changed, unless `detail` says otherwise; retry after the seconds of Retry-After."};
inline constexpr CodeInfo internal_error{
    "internal.error", 500, "An internal error",
    "The daemon met a condition that it did not expect; nothing was changed. The log has the cause under request_id."};

}  // namespace nexus::problems
