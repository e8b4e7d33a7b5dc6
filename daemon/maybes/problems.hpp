// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo maybe_not_found{
    "maybe.not_found", 404, "No such item",
    "There is no item with this id that you may see in this tenant and env: an item is its creator's and the admins'."};

}  // namespace nexus::problems
