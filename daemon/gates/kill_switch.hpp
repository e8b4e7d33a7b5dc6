// The first gate: refuses what somebody switched off. It decides by two documents: that of the tenant and env, and that
// of (t_system, env), with which the operator stops things in this env of every tenant. An expired entry disables
// nothing. The gate is never overridden, not even for the system token.
//
// It judges every request that has a caller, in the request's scope (Question::scope). It refuses all requests of a
// user who is switched off, reads too. While autonomy is off, it refuses every mutation of an agent, except one that
// only tightens. On gated routes, it refuses actions and providers by name.
#pragma once
#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// When the entry ends; nothing when only lifting ends it.
std::optional<Micros> end_of(const store::KillSwitches& document, const store::SwitchEntry& entry);
bool is_in_force(const store::KillSwitches& document, const store::SwitchEntry& entry, Micros now);
/// The document at `now`: without expired entries, with its version unchanged.
store::KillSwitches in_force(const std::optional<store::KillSwitches>& stored, Micros now);

/// Whether "*" stops the routes of this policy.
bool is_broad(Policy policy);

enum class Holder { tenant, everywhere };  // the document's owner, who may lift the switch
GateAnswer judge_kill_switch(const std::optional<store::KillSwitches>& document, Holder holder,
                             const Question& question);
/// Judges by both documents of the question's scope.
GateAnswer ask_kill_switch(const Known& known, const Question& question);

}  // namespace nexus::gates
