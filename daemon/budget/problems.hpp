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

inline constexpr CodeInfo usage_not_found{"usage.not_found", 404, "No such usage",
                                          "There is no usage event with this id in this tenant and env."};
inline constexpr CodeInfo usage_voided{
    "usage.voided", 409, "The usage is voided",
    "The usage event was voided. Its id stays taken: record what is right under another one."};
inline constexpr CodeInfo budget_policy_not_found{
    "budget_policy.not_found", 404, "No such budget",
    "This surface has no budget policy of its own in this tenant and env."};

}  // namespace nexus::problems
