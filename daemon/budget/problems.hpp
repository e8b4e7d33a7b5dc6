// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo budget_currency_mismatch{
    "budget.currency_mismatch", 422, "Another currency",
    "A tenant and env keep their costs in one currency: the first one that was written."};
inline constexpr CodeInfo budget_usage_conflict{
    "budget.usage_conflict", 409, "The usage id has other values",
    "A usage_id stands for one usage event; this one was written with other values."};

}  // namespace nexus::problems
