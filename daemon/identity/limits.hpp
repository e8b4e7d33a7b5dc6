// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <chrono>
#include <cstddef>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t email_bytes_max = 254;                ///< a user's email address: 422
inline constexpr std::chrono::hours invitation_lifetime{14 * 24};  ///< an unanswered offer of membership
inline constexpr int invitations_max = 256;                        ///< open invitations of a tenant: 409

}  // namespace nexus::limits
