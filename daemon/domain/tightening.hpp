// Tightening any configuration is never gated. For the acts that do nothing else there is one answer.
#pragma once
#include <functional>
#include <string>
#include <utility>

#include "daemon/gates/kill_switch.hpp"
#include "daemon/http/route.hpp"

namespace nexus::domain {

/// Of an act that always tightens: no lock stands in its way; a kill switch that names it does, as for every action of
/// control. That an agent acts is no hindrance here: what tightens passes while autonomy is off.
inline std::function<bool(const store::Reader&, const Caller&)> tightens_always(std::string action) {
  return [action = std::move(action)](const store::Reader& reader, const Caller& caller) {
    Caller person = caller;
    if (caller.actor_type == "agent") person.actor_type = "human";
    const gates::Question question{.caller = person,
                                   .action = action,
                                   .surface = "control",
                                   .policy = gates::Policy::control,
                                   .now = now_micros()};
    const gates::Known known(reader, caller.realm(), question.surface);
    return gates::ask_kill_switch(known, question).verdict != gates::Verdict::block;
  };
}

}  // namespace nexus::domain
