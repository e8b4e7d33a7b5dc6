// A change that only tightens configuration is never gated. Whether a change does so follows from what it changes. Some
// acts always do.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "daemon/gates/kill_switch.hpp"
#include "daemon/http/route.hpp"

namespace nexus::domain {

/// For an act that always tightens. No lock refuses it. A kill switch that names it does, as for every action of
/// control. An agent may do it while autonomy is off.
inline auto tightens_always(std::string action) {
  return [action = std::move(action)](const store::Reader& reader, const Caller& caller, const auto&) {
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

/// For a change that is judged by its effect. parse: V(Input&); apply: Applied(Tx&, const Caller&, const V&); tightens:
/// bool(const Reader&, const Caller&, const V&). If V has a `surface`, it is the surface of the act.
template <class Parse, class Apply, class Tightens>
http::WriteHandler configures(Parse parse, Apply apply, Tightens tightens) {
  return [=](http::Input& input) {
    http::Write write;
    const auto value = parse(input);
    write.apply = [=](store::Tx& tx, const Caller& caller) { return apply(tx, caller, value); };
    write.tightens = [=](const store::Reader& reader, const Caller& caller) { return tightens(reader, caller, value); };
    if constexpr (requires { value.surface; }) write.surface = std::optional<std::string>(value.surface).value_or("");
    return write;
  };
}

}  // namespace nexus::domain
