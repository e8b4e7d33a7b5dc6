// The chain of gates, in its only order: KillSwitch, Firearms, StrategyLock/ThreeWise, Budget, KPI, Temperature, and
// last the audit row. `decide` reads what the gates need from the caller's snapshot and asks them in order; the first
// refusal ends it. For a write, the snapshot is the write transaction itself, so that nothing can change between the
// check and the act.
#pragma once
#include <string_view>
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/guard/facts.hpp"
#include "store/query.hpp"

namespace nexus::gates {

/// The gates that judge an act of this policy for what it is, in their order, by the names that decisions use. Whatever
/// the policy, the kill switch refuses callers who are switched off: it is among these only where it judges the act.
std::vector<std::string_view> gates_of(Policy policy, bool lifts_switches = false);

Decision decide(const store::Reader& reader, const Question& question);

/// Asks every gate of the policy, past the first refusal too, to show everything that refuses the act.
Decision explain(const store::Reader& reader, const Question& question, Facts& facts = Facts::shared());

}  // namespace nexus::gates
