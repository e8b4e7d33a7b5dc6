// The limits of connections that the sockets alone know; see daemon/limits.hpp.
#pragma once
#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t connections_last = 64;  ///< the last places, for callers with a valid token alone
inline constexpr std::chrono::seconds last_place_deadline{1};  ///< the first head of a connection in one of them, or it
                                                               ///< is closed
inline constexpr std::chrono::seconds first_byte_deadline{5};  ///< the first byte of a connection, or it is closed

static_assert(connections_last < connections_reserved, "streams leave the last places free");
static_assert(last_place_deadline < first_byte_deadline && first_byte_deadline < head_deadline);

}  // namespace nexus::limits
