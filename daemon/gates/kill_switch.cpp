#include "daemon/gates/kill_switch.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"

namespace nexus::gates {
namespace {

bool names(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

GateAnswer block(std::string detail, std::string remedy) {
  return {.gate = "kill_switch",
          .verdict = Verdict::block,
          .code = Code::kill_switch_blocked,
          .detail = std::move(detail),
          .remedy = std::move(remedy)};
}

}  // namespace

store::KillSwitches in_force(const std::optional<store::KillSwitches>& stored, Micros now) {
  if (!stored) return {};
  if (!stored->expires_at || *stored->expires_at > now) return *stored;
  store::KillSwitches expired;
  expired.version = stored->version;
  expired.updated_at = stored->updated_at;
  expired.updated_by = stored->updated_by;
  return expired;
}

GateAnswer ask_kill_switch(const Known& known, const Question& question) {
  return judge_kill_switch(in_force(known.kill_switches(), question.now), question);
}

GateAnswer judge_kill_switch(const store::KillSwitches& document, const Question& question) {
  const std::string action(question.action);
  // A switch that could switch itself off for good would need a restart: kill_switch_update is never judged.
  if (action == "kill_switch_update") return {.gate = "kill_switch", .verdict = Verdict::skipped};
  if (names(document.disabled_actions, action))
    return block("the action " + action + " is switched off", "nexusctl kill allow " + action);
  const bool broad = question.policy == Policy::full || question.policy == Policy::telemetry;
  if (broad && names(document.disabled_actions, "*"))
    return block("all actions are switched off", "nexusctl kill allow '*'");
  for (const auto& provider : question.providers)
    if (names(document.disable_providers, lower_ascii(provider)))
      return block("the provider that the request names is switched off", "nexusctl kill provider allow <provider>");
  if (broad && document.disable_autonomy && question.caller.actor_type == "agent")
    return block("autonomous agents are switched off", "nexusctl kill autonomy on");
  return {.gate = "kill_switch", .verdict = Verdict::pass};
}

}  // namespace nexus::gates
