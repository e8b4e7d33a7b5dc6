#include "daemon/http/gate_questions.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/gates/chain.hpp"
#include "daemon/gates/kill_switch.hpp"

namespace nexus::http {
namespace {

/// Whether the request only stops things, so that only the caller is judged. A gated route that takes something away
/// for good (the details of an audit row) is still gated.
bool only_stops(const store::Reader& reader, const Route& route, const Write& write, const Caller& caller) {
  const Direction direction = route.demand.direction;
  if (direction == Direction::told) return write.tightens(reader, caller);
  return route.policy == gates::Policy::audited && (direction == Direction::tightens || direction == Direction::none);
}

/// An act in several envs is refused whole: says which env refuses, because the reasons say "here".
void name_env(gates::Decision& decision, Env env) {
  for (auto& gate : decision.gates)
    if (gate.verdict == gates::Verdict::block)
      gate.detail =
          "env " + std::string(to_string(env)) + " refuses, and so nothing is changed in any env: " + gate.detail;
}

/// The refusal of a caller who is switched off in the tenant that the request concerns. A route of the caller's own
/// memberships has no tenant, but that tenant's switches judge the caller too, in env prod.
std::optional<Judgement> judge_in_tenant(const store::Reader& reader, const Exchange& exchange, const Write& write) {
  if (!write.concerns) return std::nullopt;
  auto tenant = write.concerns(reader, exchange.caller);
  if (!tenant) return std::nullopt;
  Caller there = exchange.caller;
  there.tenant_id = tenant;
  there.env_id = Env::prod;
  auto decision = gates::decide(reader, {.caller = there,
                                         .action = exchange.route->action,
                                         .surface = exchange.route->surface,
                                         .policy = gates::Policy::none,
                                         .now = now_micros()});
  if (decision.blocked() == nullptr) return std::nullopt;
  return Judgement{std::move(decision), std::move(tenant)};
}

}  // namespace

gates::Question GateQuestions::of(const Route& route, const Caller& caller) const {
  gates::Question question{.caller = caller,
                           .action = route.action,
                           .surface = route.surface,
                           .policy = route.policy,
                           .now = now_micros(),
                           .lifts_switches = route.effects.repairs == Repairs::switches};
  question.strict = strict_(question.scope().env);
  return question;
}

gates::Question GateQuestions::of(const Exchange& exchange, const Write& write) const {
  auto question = of(exchange);
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
    question.strict = strict_(write.envs.front());
  }
  return question;
}

std::optional<Judgement> GateQuestions::judge(const store::Reader& reader, const Exchange& exchange,
                                              const Write& write) const {
  auto question = of(exchange, write);
  question.tightens = only_stops(reader, *exchange.route, write, exchange.caller);
  if (!write.envs.empty()) {
    // The caller is judged in the route's own env, whichever envs the act is for.
    auto who = of(exchange);
    who.policy = gates::Policy::audited;
    who.tightens = question.tightens;
    auto decision = gates::decide(reader, who);
    if (decision.blocked() != nullptr) return Judgement{std::move(decision)};
  }
  auto decision = gates::decide(reader, question);
  for (std::size_t i = 1; i < write.envs.size() && decision.blocked() == nullptr; ++i) {
    question.env = write.envs[i];
    question.strict = strict_(*question.env);
    decision = gates::decide(reader, question);
  }
  if (write.envs.size() > 1 && decision.blocked() != nullptr) name_env(decision, *question.env);
  const bool gated = question.policy != gates::Policy::audited && !question.tightens;
  if (decision.blocked() == nullptr) {
    auto elsewhere = judge_in_tenant(reader, exchange, write);
    if (elsewhere) return elsewhere;
    if (!gated) return std::nullopt;
  }
  return Judgement{std::move(decision)};
}

gates::Decision GateQuestions::judge_switches(const store::Reader& reader, const Route& route,
                                              const Caller& caller) const {
  const auto question = of(route, caller);
  const auto scope = question.scope();
  const gates::Known known(reader, {.tenant = scope.tenant.str(), .env = to_string(scope.env)}, question.surface);
  return {uuid_v7(), route.action, route.surface, {gates::ask_kill_switch(known, question)}};
}

bool GateQuestions::is_stopped(const store::Reader& reader, const Exchange& exchange) const {
  auto question = of(exchange);
  question.policy = gates::Policy::none;
  return gates::decide(reader, question).blocked() != nullptr;
}

}  // namespace nexus::http
