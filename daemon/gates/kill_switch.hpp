// The first gate: refuses what an operator switched off. A plain decision over the stored document; a document that
// has expired disables nothing. It is never overridden, not even for the system token.
#pragma once
#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// The document as it stands at `now`: the default once it has expired, but with the version it had.
store::KillSwitches in_force(const std::optional<store::KillSwitches>& stored, Micros now);

GateAnswer judge_kill_switch(const store::KillSwitches& document, const Question& question);
/// Judges by the document of the question's tenant and env.
GateAnswer ask_kill_switch(const Known& known, const Question& question);

}  // namespace nexus::gates
