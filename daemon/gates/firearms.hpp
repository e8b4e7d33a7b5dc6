// The second gate: a dangerous action needs a licence of at least its level. The caller needs one of subject type
// `user` with the user's id; for an agent's token, one of type `agent` with that id serves too. The subject of an act
// outside Nexus also needs one, under its own type and id. The gate decides by the store alone. It is never overridden,
// not even for the system token, whose licence names the user `system`.
//
// Three actions are built in as dangerous. A tenant may declare more and raise levels, never lower them.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// The actions that are dangerous in every tenant and env, with their least levels.
const std::map<std::string, store::Level, std::less<>>& built_in_dangers();
/// The higher of the built-in and the declared level; nothing when the action is not dangerous.
std::optional<store::Level> level_needed(std::string_view action, std::optional<store::Level> declared);

/// `active`, `revoked` or `expired`. A licence ends at the moment `expires_at`.
std::string_view status_of(const store::Licence& licence, Micros now);
/// The first licence of `held` that is active, has at least `level`, and is not limited to another action; else
/// nullptr.
const store::Licence* good_licence(const std::vector<store::Licence>& held, store::Level level, std::string_view action,
                                   Micros now);

struct FirearmsFacts {
  std::optional<store::Level> needed;    // nothing: the action is not dangerous, so the rest was not read
  std::vector<store::Licence> callers;   // held by the caller
  std::vector<store::Licence> subjects;  // held by the question's subject, if it names one
};

GateAnswer judge_firearms(const FirearmsFacts& facts, const Question& question);

/// The level that a tenant and env demand for one action.
std::optional<store::Level> find_level_needed(const Known& known, std::string_view action);
std::vector<store::Licence> held_by_caller(const Known& known, const Caller& caller);
GateAnswer ask_firearms(const Known& known, const Question& question);

}  // namespace nexus::gates
