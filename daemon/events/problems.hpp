// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo event_not_found{"event.not_found", 404, "No such event",
                                          "There is no event with this id in this tenant and env."};

}  // namespace nexus::problems
