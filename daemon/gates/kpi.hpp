// The KPI gate: refuses when the aggregated value of a KPI lies outside a corridor of the surface or of all ('*'), or
// when a corridor that requires data has none. Stands for the policy full alone: observations can always be made.
#pragma once
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// One corridor that judges the question, and what was observed in its window.
struct KpiFact {
  store::KpiCorridor corridor;
  double value = 0;        // aggregated; means nothing without data
  std::int64_t count = 0;  // observations behind it
};

/// `facts` are of the question's surface and of '*'; none of them means that nothing is configured.
GateAnswer judge_kpi(const std::vector<KpiFact>& facts, const Question& question);
/// Judges by the corridors and rollups of the question's tenant, env and surface.
GateAnswer ask_kpi(const Known& known, const Question& question);

}  // namespace nexus::gates
