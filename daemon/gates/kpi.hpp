// The KPI gate: refuses when the aggregated value of a KPI is outside a corridor of the surface or of all ('*'), or
// when a corridor that requires data has none. It judges only the policy full: observations can always be recorded.
#pragma once
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// One corridor that judges the question, and the observations in its window.
struct KpiFact {
  store::KpiCorridor corridor;
  double value = 0;        // aggregated; meaningless without data
  std::int64_t count = 0;  // observations behind it
};

/// `facts` are those of the question's surface and of '*'. No facts: nothing is configured.
GateAnswer judge_kpi(const std::vector<KpiFact>& facts, const Question& question);
/// Judges by the corridors and rollups of the question's tenant, env and surface.
GateAnswer ask_kpi(const Known& known, const Question& question);

}  // namespace nexus::gates
