// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <cstddef>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t kill_switch_actions_max = 200;    ///< actions that one document switches off: 409
inline constexpr std::size_t kill_switch_providers_max = 100;  ///< providers: 409
inline constexpr std::size_t kill_switch_users_max = 200;      ///< users: 409
inline constexpr std::size_t kill_switch_entries_max = 501;    ///< entries of one request, autonomy among them: 422

}  // namespace nexus::limits
