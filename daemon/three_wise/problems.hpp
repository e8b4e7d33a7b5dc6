// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo three_wise_not_found{"three_wise.not_found", 404, "No such question",
                                               "There is no three-wise question with this id in this tenant and env."};
inline constexpr CodeInfo three_wise_opinion_refused{
    "three_wise.opinion_refused", 409, "Your opinion does not count here",
    "Each user has one opinion on a question, and its asker has none."};

}  // namespace nexus::problems
