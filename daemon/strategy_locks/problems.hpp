// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo strategy_lock_not_found{"strategy_lock.not_found", 404, "No such lock",
                                                  "There is no strategy lock with this id in this tenant and env."};
inline constexpr CodeInfo strategy_lock_self_approval{
    "strategy_lock.self_approval", 409, "Four eyes are needed",
    "In staging and prod a lock is approved by somebody who neither made it nor edited it since its last approval."};
inline constexpr CodeInfo strategy_lock_invalid_state{
    "strategy_lock.invalid_state", 409, "The lock's state does not allow this",
    "A rejected lock stays rejected, and only a draft is approved or rejected."};

}  // namespace nexus::problems
