#include "daemon/gates/chain.hpp"

#include <algorithm>

#include "daemon/base/uuid.hpp"
#include "daemon/gates/budget.hpp"
#include "daemon/gates/firearms.hpp"
#include "daemon/gates/kill_switch.hpp"
#include "daemon/gates/kpi.hpp"
#include "daemon/gates/strategy_lock.hpp"
#include "daemon/gates/temperature.hpp"

namespace nexus::gates {
namespace {

bool in_all(Policy) { return true; }
bool in_full_and_telemetry(Policy policy) { return policy == Policy::full || policy == Policy::telemetry; }
bool in_all_writes(Policy policy) { return in_full_and_telemetry(policy) || policy == Policy::control; }
bool in_full(Policy policy) { return policy == Policy::full; }

/// One gate of the chain: its name, its policies, its function, and whether the system token, which has given its
/// reason, may pass despite its refusal.
struct Gate {
  std::string_view name;
  bool (*stands_for)(Policy policy);
  GateAnswer (*ask)(const Known& known, const Question& question);
  bool overridable;
};

constexpr Gate kChain[] = {
    {"kill_switch", in_all, ask_kill_switch, false},  // it decides itself what it judges of each policy
    {"firearms", in_full_and_telemetry, ask_firearms, false},
    {"strategy_lock", in_all_writes, ask_strategy_lock, true},
    {"budget", in_full, ask_budget, true},
    {"kpi", in_full, ask_kpi, true},
    {"temperature", in_full, ask_temperature, true},
};

/// Whether the line helps an admin or owner alone.
bool is_for_admins(std::string_view line) {
  constexpr std::string_view program = "nexusctl ",
                             commands[] = {"kill ", "firearms ", "budget policy ", "kpi corridor "};
  const std::string_view rest = line.substr(std::min(program.size(), line.size()));
  return std::ranges::any_of(commands, [&](auto command) { return rest.starts_with(command); });
}

/// An agent follows a line to try to the letter. One that it may not run is somebody else's, unless the refusal says
/// whose.
void ask_others(GateAnswer& answer, const Caller& caller) {
  if (caller.actor_type != "agent" || caller.sees_all() || !is_for_admins(answer.remedy)) return;
  if (!answer.detail.ends_with(" lifts it")) answer.detail += ": ask an admin or owner, who can run the line to try";
}

GateAnswer ask(const Gate& gate, const Known& known, const Question& question) {
  GateAnswer answer = gate.ask(known, question);
  if (answer.verdict == Verdict::block && gate.overridable && question.caller.is_system())
    answer.verdict = Verdict::overridden;
  if (answer.verdict == Verdict::block) ask_others(answer, question.caller);
  return answer;
}

Decision walk(const store::Reader& reader, const Question& question, Facts& facts, bool past_refusals) {
  const GateScope scope = question.scope();
  const Known known(reader, {.tenant = scope.tenant.str(), .env = to_string(scope.env)}, question.surface, facts);
  Decision decision{{}, std::string(question.action), std::string(question.surface), {}};
  for (const Gate& gate : kChain) {
    if (!gate.stands_for(question.policy)) continue;
    decision.gates.push_back(ask(gate, known, question));
    if (question.tightens) break;  // stopping must always be possible: only the first gate judges it
    if (!past_refusals && decision.gates.back().verdict == Verdict::block) break;
  }
  // Nobody sees the decision that lets a read pass, and there are many of those.
  if (past_refusals || question.policy != Policy::read || decision.blocked() != nullptr)
    decision.decision_id = uuid_v7();
  return decision;
}

}  // namespace

std::vector<std::string_view> gates_of(Policy policy, bool lifts_switches) {
  if (policy == Policy::none || policy == Policy::audited) return {};
  std::vector<std::string_view> names;
  for (const Gate& gate : kChain)
    if (gate.stands_for(policy) && !(lifts_switches && gate.ask == ask_kill_switch)) names.push_back(gate.name);
  return names;
}

Decision decide(const store::Reader& reader, const Question& question) {
  return walk(reader, question, Facts::shared(), false);
}

Decision explain(const store::Reader& reader, const Question& question, Facts& facts) {
  return walk(reader, question, facts, true);
}

}  // namespace nexus::gates
