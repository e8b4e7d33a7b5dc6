// How the dispatcher asks the gates: which question a request is, and what comes of the answer. Everything that decides
// here is a property of the route, of its caller, or of what its body names; no action and no route is known by name.
#include "daemon/gates/chain.hpp"
#include "daemon/gates/kill_switch.hpp"
#include "daemon/http/dispatcher.hpp"
#include "daemon/http/write_run.hpp"

namespace nexus::http {

namespace {

/// Whether stopping is all that it does, so that only who acts is judged. What a gated route takes away for good (the
/// details of an audit row) is gated still.
bool only_stops(const store::Reader& reader, const Route& route, const Write& write, const Caller& caller) {
  const Direction direction = route.demand.direction;
  if (direction == Direction::told) return write.tightens(reader, caller);
  return route.policy == gates::Policy::audited && (direction == Direction::tightens || direction == Direction::none);
}

}  // namespace

/// The decision that refuses, or the last one where the gates let pass; nothing where none but the caller was judged.
std::optional<gates::Decision> Dispatcher::judge(const store::Reader& reader, const WriteRun& run) const {
  auto question = question_of(run);
  question.tightens = only_stops(reader, *run.exchange->route, run.write, run.exchange->caller);
  if (!run.write.envs.empty()) {
    // Who acts is judged where the route stands, whichever envs the act is for.
    auto who = question_of(*run.exchange);
    who.policy = gates::Policy::audited;
    who.tightens = question.tightens;
    const auto decision = gates::decide(reader, who);
    if (decision.blocked() != nullptr) return decision;
  }
  auto decision = gates::decide(reader, question);
  for (std::size_t i = 1; i < run.write.envs.size() && decision.blocked() == nullptr; ++i) {
    question.env = run.write.envs[i];
    question.strict = options_.strict(*question.env);
    decision = gates::decide(reader, question);
  }
  const bool gated = question.policy != gates::Policy::audited && !question.tightens;
  if (!gated && decision.blocked() == nullptr) return std::nullopt;
  return decision;
}

void Dispatcher::require(const store::Reader& reader, const Route& route, const Caller& caller) const {
  require(reader, route.demand, caller);
  const auto question = question_of(route, caller);
  const auto place = question.place();
  const gates::Known known(reader, place.tenant.str(), to_string(place.env), question.surface);
  const auto answer = gates::ask_kill_switch(known, question);
  if (answer.verdict == gates::Verdict::block)
    throw Problem(Code::kill_switch_blocked, answer.detail).with_remedy(answer.remedy);
}

gates::Question Dispatcher::question_of(const WriteRun& run) const {
  const Write& write = run.write;
  auto question = question_of(*run.exchange);
  question.providers = write.providers;
  question.subject_type = write.subject_type;
  question.subject_id = write.subject_id;
  if (!write.action.empty()) {
    question.own_action = question.action;
    question.action = write.action;
  }
  if (!write.surface.empty()) question.surface = write.surface;
  if (!write.envs.empty()) {
    question.env = write.envs.front();
    question.strict = options_.strict(write.envs.front());
  }
  return question;
}

gates::Question Dispatcher::question_of(const Route& route, const Caller& caller) const {
  gates::Question question{.caller = caller,
                           .action = route.action,
                           .surface = route.surface,
                           .policy = route.policy,
                           .now = now_micros(),
                           .lifts_switches = route.effects.repairs == Repairs::switches};
  question.strict = options_.strict(question.place().env);
  return question;
}

}  // namespace nexus::http
