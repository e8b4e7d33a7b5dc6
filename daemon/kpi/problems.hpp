// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo observation_not_found{"observation.not_found", 404, "No such observation",
                                                "There is no observation with this id in this tenant and env."};
inline constexpr CodeInfo observation_voided{"observation.voided", 409, "The observation is voided",
                                             "The observation was voided before, and counts no more."};

inline constexpr CodeInfo kpi_corridor_not_found{"kpi_corridor.not_found", 404, "No such corridor",
                                                 "This KPI has no corridor for this surface in this tenant and env."};

}  // namespace nexus::problems
