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

/// The action of the route that judges acts outside: a switch on it stops them all.
inline constexpr std::string_view kOutsideAction = "gates_check";

/// An act as switches on actions see it.
struct NamedAct {
  std::string_view action = {};
  Policy policy = Policy::full;      // of an act outside too
  std::string_view own_action = {};  // the route's own, where the request names `action`: kOutsideAction
  bool lifts_switches = false;       // such a route is judged by no switch on an action
};
/// Whether a switch on an action can stop it.
bool is_stoppable(const NamedAct& act);
/// The entry in force of this document that stops the act by its name or by "*"; nullptr when none does.
const store::SwitchEntry* find_switch(const store::KillSwitches& document, const NamedAct& act, Micros now);

enum class Holder { tenant, everywhere };  // the document's owner, who may lift the switch
GateAnswer judge_kill_switch(const std::optional<store::KillSwitches>& document, Holder holder,
                             const Question& question);
/// Judges by both documents of the question's scope.
GateAnswer ask_kill_switch(const Known& known, const Question& question);

}  // namespace nexus::gates
