// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo session_not_found{
    "session.not_found", 404, "No such session",
    "There is no memory session with this id that you may read in this tenant and env."};
inline constexpr CodeInfo session_exists{"session.exists", 409, "The shared session exists",
                                         "There is one shared session of this id for each tenant and env, and it "
                                         "exists already. Write a turn without `shared` to take part in it."};
inline constexpr CodeInfo request_path_mismatch{"request.path_mismatch", 400, "The body contradicts the path",
                                                "An id in the body differs from the one in the path."};

}  // namespace nexus::problems
