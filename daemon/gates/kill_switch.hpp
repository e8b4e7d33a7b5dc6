// The first gate: refuses what somebody switched off. A plain decision over two documents: that of the tenant and env,
// and that of (t_system, env), by which the operator stops things in this env of every tenant. An entry that has
// expired disables nothing. The gate is never overridden, not even for the system token.
//
// It judges every request that has a caller, by the scope the request stands in (Question::scope): all of a user who is
// switched off, reads too; every mutation of an agent while autonomy is off, but for what only tightens; and of the
// routes that are gated, actions and providers by name.
#pragma once
#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// When the entry ends; nothing: when it is lifted.
std::optional<Micros> end_of(const store::KillSwitches& document, const store::SwitchEntry& entry);
bool is_in_force(const store::KillSwitches& document, const store::SwitchEntry& entry, Micros now);
/// The document as it stands at `now`: without what has expired, but with the version it had.
store::KillSwitches in_force(const std::optional<store::KillSwitches>& stored, Micros now);

/// Whether "*" stops what is judged by this policy.
bool is_broad(Policy policy);

enum class Holder { tenant, everywhere };  // whose document it is, and so who lifts it
GateAnswer judge_kill_switch(const std::optional<store::KillSwitches>& document, Holder holder,
                             const Question& question);
/// Judges by both documents of the question's scope.
GateAnswer ask_kill_switch(const Known& known, const Question& question);

}  // namespace nexus::gates
