// The refusals of fields; the build gathers them all.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo validation_failed{
    "validation.failed", 422, "A field is not valid",
    "One or more fields are missing or out of range; `errors` names each with a JSON pointer."};
inline constexpr CodeInfo validation_unknown_field{
    "validation.unknown_field", 422, "A field is not known",
    "Unknown fields are refused, so that a misspelt one cannot vanish; `errors` names each."};

}  // namespace nexus::problems
