// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo licence_not_found{"licence.not_found", 404, "No such licence",
                                            "There is no licence with this id in this tenant and env."};
inline constexpr CodeInfo dangerous_action_not_found{"dangerous_action.not_found", 404, "The action is not dangerous",
                                                     "No dangerous action of this name is declared."};

}  // namespace nexus::problems
