// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo canvas_not_found{
    "canvas.not_found", 404, "No such canvas",
    "There is no canvas with this id in this tenant and env; one of another tenant or env looks the same. "
    "Make it with `nexusctl canvas create`."};
inline constexpr CodeInfo canvas_exists{"canvas.exists", 409, "The canvas exists",
                                        "A canvas with this canvas_id exists already in this tenant and env."};
inline constexpr CodeInfo canvas_artifact_not_found{
    "canvas_artifact.not_found", 404, "No such canvas artifact",
    "There is no artifact with this id on this canvas in this tenant and env; one of another looks the same."};

}  // namespace nexus::problems
