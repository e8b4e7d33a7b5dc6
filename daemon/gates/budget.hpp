// The budget gate: refuses when the cost of the surface in its policy's window, or the cost of all surfaces in the
// window of '*', is above the threshold. Money is whole micro-units throughout. It judges only the policy full: usage
// can always be recorded and a threshold always raised, however much was spent.
#pragma once
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// One policy that judges the question, and the cost in its window.
struct BudgetFact {
  store::BudgetPolicy policy;
  std::int64_t cost_micros = 0;
};

/// `facts` are those of the question's surface and of '*'. No facts: nothing is configured.
GateAnswer judge_budget(const std::vector<BudgetFact>& facts, const Question& question);
/// Judges by the policies and costs of the question's tenant, env and surface.
GateAnswer ask_budget(const Known& known, const Question& question);

}  // namespace nexus::gates
