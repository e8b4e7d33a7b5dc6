// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo tenant_exists{"tenant.exists", 409, "The tenant exists",
                                        "A tenant with this tenant_id exists already."};
inline constexpr CodeInfo user_exists{"user.exists", 409, "The user exists",
                                      "A user with this user_id or this email (case-folded) exists already."};
inline constexpr CodeInfo user_not_found{"user.not_found", 404, "No such user", "There is no user with this id."};
inline constexpr CodeInfo invitation_not_found{
    "invitation.not_found", 404, "No such invitation",
    "Nobody invited you to this tenant, or the invitation has ended: it lives 14 days, and ends with the membership of "
    "who made it. `nexusctl whoami` lists those that are open."};
inline constexpr CodeInfo invitation_changed{"invitation.changed", 409, "The invitation offers another role",
                                             "The offer was changed after you read it. `nexusctl whoami` shows the "
                                             "role that is offered now; accept that one, or decline."};
inline constexpr CodeInfo token_not_found{"token.not_found", 404, "No such token",
                                          "There is no token with this id among those that you may see."};

}  // namespace nexus::problems
