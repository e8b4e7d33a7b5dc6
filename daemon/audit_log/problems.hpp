// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo audit_row_not_found{"audit_row.not_found", 404, "No such audit row",
                                              "There is no audit row with this seq in this tenant and env."};

}  // namespace nexus::problems
