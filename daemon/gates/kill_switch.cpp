#include "daemon/gates/kill_switch.hpp"

#include <algorithm>

#include "daemon/base/shell.hpp"
#include "daemon/gates/problems.hpp"

namespace nexus::gates {
namespace {

using store::KillSwitches;
using store::SwitchEntry;
using Kind = SwitchEntry::Kind;

GateAnswer pass() { return {.gate = "kill_switch", .verdict = Verdict::pass}; }

/// What is switched off, and how to lift the switch. `who` says who lifts it, where the caller cannot.
GateAnswer switched_off(Holder holder, std::string detail, std::string remedy, std::string_view who = {}) {
  if (holder == Holder::everywhere) {
    detail += " in this env of every tenant: only the operator lifts it";
    remedy.insert(remedy.find(" kill ") + 6, "everywhere ").append(" --token-file FILE");  // of the system token
  } else if (!who.empty()) {
    detail.append(": ").append(who).append(" lifts it");
  }
  return block("kill_switch", problems::kill_switch_blocked, std::move(detail), std::move(remedy));
}

/// The entry that is in force; else nullptr.
const SwitchEntry* find_in_force(const KillSwitches& document, Kind kind, std::string_view name, Micros now) {
  const auto found = std::ranges::find_if(document.entries, [&](const SwitchEntry& entry) {
    return entry.is(kind, name) && is_in_force(document, entry, now);
  });
  return found == document.entries.end() ? nullptr : &*found;
}

/// Whether "*" stops the routes of this policy.
bool is_broad(Policy policy) { return policy == Policy::full || policy == Policy::telemetry; }

bool acts(const Question& question) { return question.policy != Policy::none && question.policy != Policy::read; }

NamedAct named_act(const Question& question) {
  return {question.action, question.policy, question.own_action, question.lifts_switches};
}

GateAnswer judge_names(const KillSwitches& document, Holder holder, const Question& question) {
  if (const SwitchEntry* entry = find_switch(document, named_act(question), question.now)) {
    const bool all = entry->name == "*";
    return switched_off(holder, all ? "all actions are switched off" : "the action " + entry->name + " is switched off",
                        all ? "nexusctl kill allow '*'" : "nexusctl kill allow " + word_or(entry->name, "ACTION"));
  }
  for (const auto& provider : question.providers)
    if (find_in_force(document, Kind::provider, provider, question.now) != nullptr)
      return switched_off(holder, "the provider that the request names is switched off",
                          "nexusctl kill provider allow NAME");
  return pass();
}

}  // namespace

std::optional<Micros> end_of(const KillSwitches& document, const SwitchEntry& entry) {
  return entry.ends_with_document ? document.expires_at : entry.expires_at;
}

bool is_in_force(const KillSwitches& document, const SwitchEntry& entry, Micros now) {
  const auto end = end_of(document, entry);
  return !end || *end > now;
}

KillSwitches in_force(const std::optional<KillSwitches>& stored, Micros now) {
  if (!stored) return {};
  KillSwitches document = *stored;
  std::erase_if(document.entries, [&](const SwitchEntry& entry) { return !is_in_force(*stored, entry, now); });
  if (!stored->expires_at || *stored->expires_at > now) return document;
  // The document's own end and reason are removed. Entries that outlive them keep the reason that was shown with them.
  for (auto& entry : document.entries)
    if (!entry.reason) entry.reason = stored->reason;
  document.reason.reset();
  document.expires_at.reset();
  return document;
}

bool is_stoppable(const NamedAct& act) {
  return act.policy != Policy::none && act.policy != Policy::audited && !act.lifts_switches;
}

const SwitchEntry* find_switch(const KillSwitches& document, const NamedAct& act, Micros now) {
  if (!is_stoppable(act)) return nullptr;
  for (const std::string_view name : {act.action, act.own_action}) {
    if (name.empty()) continue;
    if (const SwitchEntry* entry = find_in_force(document, Kind::action, name, now)) return entry;
  }
  return is_broad(act.policy) ? find_in_force(document, Kind::action, "*", now) : nullptr;
}

GateAnswer judge_kill_switch(const std::optional<KillSwitches>& document, Holder holder, const Question& question) {
  if (document && !document->entries.empty()) {
    const Caller& caller = question.caller;
    const auto has = [&](Kind kind, std::string_view name) {
      return find_in_force(*document, kind, name, question.now) != nullptr;
    };
    if (!caller.user_id.empty() && has(Kind::user, caller.user_id))
      return switched_off(holder, "you are switched off", "nexusctl kill user allow " + caller.user_id,
                          "another admin or owner");
    if (acts(question) && !question.tightens && caller.actor_type == "agent" && has(Kind::autonomy, ""))
      return switched_off(holder, "autonomous agents are switched off", "nexusctl kill autonomy on",
                          "a human who is admin or owner");
    if (is_stoppable(named_act(question)) && !question.tightens) {
      GateAnswer answer = judge_names(*document, holder, question);
      if (answer.verdict == Verdict::block) return answer;
    }
  }
  // Routes that lift switches are never judged by name: a switch on one of them could not be lifted without a restart.
  return question.lifts_switches ? GateAnswer{.gate = "kill_switch", .verdict = Verdict::skipped} : pass();
}

GateAnswer ask_kill_switch(const Known& known, const Question& question) {
  const bool is_operators = question.scope().tenant.is_system();
  GateAnswer answer =
      judge_kill_switch(known.kill_switches(), is_operators ? Holder::everywhere : Holder::tenant, question);
  if (answer.verdict == Verdict::block || is_operators) return answer;
  GateAnswer everywhere = judge_kill_switch(known.switches_everywhere(), Holder::everywhere, question);
  return everywhere.verdict == Verdict::block ? std::move(everywhere) : std::move(answer);
}

}  // namespace nexus::gates
