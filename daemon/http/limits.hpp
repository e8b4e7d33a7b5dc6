// The limits that HTTP alone knows; see daemon/limits.hpp.
#pragma once
#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t connections_last = 64;            ///< the last places, for a request each
inline constexpr std::chrono::seconds last_place_deadline{1};  ///< the first head of a connection in one of them, or it
                                                               ///< is closed
inline constexpr std::chrono::seconds last_place_request_deadline{5};  ///< that request and its answer, or it is closed
inline constexpr std::chrono::seconds first_byte_deadline{5};  ///< the first byte of a connection, or it is closed

// ---- memory of requests -------------------------------------------------------------------------------------------
// Resident memory stays below 256 MiB: these two, the gates' facts, the caches of SQLite, and about 60 MiB of an idle
// daemon. What waits for the writer or for a lane is a part of the bodies.
inline constexpr std::size_t bodies_bytes_max = 64 * MiB;  ///< bodies until their answers, of all tenants; one holds no
                                                           ///< more than is still free: 503 store.busy
inline constexpr std::size_t answers_bytes_max = 64 * MiB;  ///< answers that clients have not read, likewise: 503
                                                            ///< store.busy

// ---- the log ------------------------------------------------------------------------------------------------------
inline constexpr std::uint32_t refusal_lines_per_second_max = 20;  ///< log lines of refusals with one code in a tenant;
                                                                   ///< more are counted

static_assert(connections_last < connections_reserved, "streams leave the last places free");
static_assert(last_place_deadline < last_place_request_deadline);
static_assert(last_place_deadline < first_byte_deadline && first_byte_deadline < head_deadline);

}  // namespace nexus::limits
