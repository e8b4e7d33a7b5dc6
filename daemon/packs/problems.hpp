// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo pack_not_found{
    "pack.not_found", 404, "No such influence pack",
    "There is no influence pack with this id in this tenant and env; one of another tenant or env looks the "
    "same."};

}  // namespace nexus::problems
