// Check is an act: an agent that is about to publish, or a tool that is about to run, passes the whole chain under its
// own name and leaves its audit row.
//
// Explain tells what would refuse an act. It goes on after the first refusal and leaves no trace. It takes the surface
// of an act from its route, never from the asker's guess. A surface that the route fixes may be omitted; another one is
// refused. Where the body of the act names the surface, the asker must name it. An unknown action may be judged as an
// act outside, and is reported as unknown.
#include <algorithm>
#include <set>

#include "daemon/base/nearest.hpp"
#include "daemon/blobs/backend.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/gates/chain.hpp"
#include "daemon/gates/firearms.hpp"
#include "daemon/gates/kill_switch.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/openapi.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/problems.hpp"
#include "store/identity.hpp"

namespace nexus::gate_checks {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

using Routes = std::vector<const http::Route*>;
/// Every action of the route table, and its routes; none for rows that the daemon writes by itself.
using Actions = std::map<std::string, Routes, std::less<>>;

/// The act that the gates are asked about.
struct Act {
  std::string action, surface, subject_type, subject_id;
  std::optional<std::string> provider;
};

bool is_action(std::string_view text) { return text.size() >= 2 && model::is_action_name(text); }

/// Leaves `surface` to the caller.
Act parse_act(Input& input) {
  Act act;
  act.action = input.body.name("action", {.min = 1, .max = 64});
  act.subject_type = input.body.optional_choice("subject_type", firearms::kSubjectTypes).value_or("");
  act.subject_id = input.body.optional_name("subject_id", {.min = 1, .max = 128}).value_or("");
  act.provider = input.body.optional_name("provider", {.min = 1, .max = 128}, NameForm::any_case);
  if (!act.action.empty() && !is_action(act.action)) input.body.fault("action", "must match ^[a-z][a-z0-9_]{1,63}$");
  if (act.subject_type.empty() != act.subject_id.empty())
    input.body.fault(act.subject_type.empty() ? "subject_type" : "subject_id",
                     "must stand beside the other one of subject_type and subject_id");
  return act;
}

Json act_schema() {
  Json out = schema::object({"action", "surface"}, {{"action", schema::pattern("^[a-z][a-z0-9_]{1,63}$")},
                                                    {"surface", schema::name(64)},
                                                    {"subject_type", schema::choice(firearms::kSubjectTypes)},
                                                    {"subject_id", schema::name(128)},
                                                    {"provider", schema::name(128)}});
  out["dependentRequired"] = {{"subject_type", {"subject_id"}}, {"subject_id", {"subject_type"}}};
  return schema::named("GateCheck", std::move(out));
}

// ---- check --------------------------------------------------------------------------------------------------------

Applied pass(store::Tx&, const Caller&, const Act& act) {
  return {.json = Json::object(),
          .subject_type = act.subject_type.empty() ? "act" : act.subject_type,
          .subject_id = act.subject_type.empty() ? act.action : act.subject_id,
          .details = {{"provider", or_null(act.provider)}},
          .status = 200};
}

http::Write check(Input& input, const Actions& actions) {
  Act act = parse_act(input);
  act.surface = input.body.name("surface", {.min = 1, .max = 64});
  if (actions.contains(act.action))
    input.body.fault("action", "is an action of this daemon's own routes: call the route, which is gated itself");
  http::Write write;
  write.action = act.action;
  write.surface = act.surface;
  write.subject_type = act.subject_type;
  write.subject_id = act.subject_id;
  if (act.provider) write.providers = {*act.provider};
  write.answers_decision = true;
  write.apply = [act](store::Tx& tx, const Caller& caller) { return pass(tx, caller, act); };
  return write;
}

// ---- explain ------------------------------------------------------------------------------------------------------

struct ExplainServices {
  std::shared_ptr<const Actions> actions;
  gates::Strictness strict;
  bool refuse_local_blobs_in_prod = true;
};

struct Explanation {
  Act act;
  std::optional<std::string> as_user;
  const Routes* routes = nullptr;  // nullptr: no action of the route table
};

// ---- the surface --------------------------------------------------------------------------------------------------

std::set<std::string> surfaces_of(const Routes& routes) {
  std::set<std::string> surfaces;
  for (const auto* route : routes) surfaces.insert(route->surface);
  return surfaces;
}

std::string joined(const std::set<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : " or ") + name;
  return out;
}

std::string take_surface_of(Input& input, const Routes& routes) {
  const auto sent = input.body.optional_name("surface", {.min = 1, .max = 64});
  if (std::ranges::any_of(routes, &http::Route::body_names_surface)) {
    if (!sent) input.body.fault("surface", "is required: the body of this action names its surface");
    return sent.value_or("");
  }
  const auto fixed = surfaces_of(routes);
  if (sent && fixed.contains(*sent)) return *sent;
  if (!sent && fixed.size() == 1) return *fixed.begin();
  if (!fixed.empty()) input.body.fault("surface", "must be " + joined(fixed) + ": the action's route fixes it");
  return sent.value_or("");
}

Explanation parse_explanation(Input& input, const Actions& actions) {
  Explanation asked_for{parse_act(input), input.body.optional_name("as_user", {.min = 1, .max = 64})};
  if (const auto found = actions.find(asked_for.act.action); found != actions.end()) asked_for.routes = &found->second;
  asked_for.act.surface = asked_for.routes != nullptr
                              ? take_surface_of(input, *asked_for.routes)
                              : input.body.optional_name("surface", {.min = 1, .max = 64}).value_or("");
  return asked_for;
}

// ---- whether anybody knows the action -----------------------------------------------------------------------------

/// Acts outside that are declared dangerous, or that a lock in force names.
bool is_configured(const store::Reader& reader, const Caller& caller, const Act& act) {
  const gates::Known known(reader, caller.realm(), act.surface);
  if (gates::find_level_needed(known, act.action)) return true;
  return std::ranges::any_of(known.locks(act.action, now_micros()), [&](const auto& lock) {
    return lock.by_name && (lock.surface.empty() || lock.surface == act.surface);
  });
}

Json near_miss(const Actions& actions, const std::string& action) {
  std::vector<std::string> names;
  for (const auto& [name, routes] : actions) names.push_back(name);
  for (const auto& [name, level] : gates::built_in_dangers()) names.push_back(name);
  const auto near = nearest(action, names);
  return near ? Json(*near) : Json();
}

// ---- what refuses before the gates --------------------------------------------------------------------------------

using Refusals = std::vector<Problem>;

void ask_standing(const http::Route& route, const Caller& asked, const std::string& status, Refusals& refusals) {
  const Demand& demand = route.demand;
  const bool has_tenant = demand.scope != Scope::none;
  const Role needed = demand.access == Access::system ? Role::system : demand.role;
  if ((has_tenant || demand.access == Access::system) && *asked.role < needed)
    refusals.emplace_back(problems::auth_insufficient_role,
                          "this needs the role " + std::string(to_string(needed)) + " in the tenant");
  const bool stopped = demand.mutates && demand.direction != Direction::tightens && demand.direction != Direction::none;
  if (has_tenant && stopped && status == "suspended")
    refusals.push_back(Problem(problems::tenant_suspended, "the tenant can be read, and what only tightens is done")
                           .with_remedy("nexusctl tenant enable " + asked.tenant().str()));
}

void ask_feature(const store::Reader& reader, const http::Route& route, const Caller& asked, Refusals& refusals) {
  const auto* stream = std::get_if<http::StreamHandler>(&route.handler);
  if (stream == nullptr || !stream->allow) return;
  try {
    stream->allow(reader, asked);
  } catch (const Problem& problem) {
    refusals.push_back(problem);
  }
}

Json to_json(const http::Route& route, const Problem& problem) {
  Json json = {
      {"route", route.method + " " + route.path}, {"code", info(problem.code).code}, {"detail", problem.detail}};
  if (!problem.remedy.empty()) json["remedy"] = problem.remedy;
  return json;
}

/// The refusals for each route of the action, and whether every route is refused.
struct Preconditions {
  Json list = Json::array();
  bool refused = false;
};

Preconditions ask_preconditions(const store::Reader& reader, const Routes& routes, const Caller& asked,
                                const ExplainServices& services) {
  const auto standing = store::find_standing(reader, asked.tenant().str(), asked.user_id);
  Preconditions out;
  out.refused = !routes.empty();
  for (const auto* route : routes) {
    Refusals refusals;
    ask_standing(*route, asked, standing ? standing->status : "", refusals);
    ask_feature(reader, *route, asked, refusals);
    if (route->writes_blobs && services.refuse_local_blobs_in_prod && asked.env() == Env::prod)
      refusals.emplace_back(problems::storage_local_in_prod, "configure S3, or set blobs.allow_local_in_prod");
    if (refusals.empty()) out.refused = false;
    for (const auto& problem : refusals) out.list.push_back(to_json(*route, problem));
  }
  return out;
}

// ---- the answer ---------------------------------------------------------------------------------------------------

/// The caller that the explanation is about: another member counts as that person, not as the asker's token.
Caller asked_as(const store::Reader& reader, const Caller& caller, const std::optional<std::string>& user) {
  if (!user || *user == caller.user_id) return caller;
  if (!caller.sees_all()) throw Problem(problems::auth_insufficient_role, "as_user needs the role admin");
  const auto member = found(store::find_member(reader, caller.tenant().str(), *user), problems::member_not_found,
                            "as_user must be a member of the tenant");
  Caller other = caller;
  other.user_id = *user;
  other.actor_type = "human";
  other.role = member.rank();
  return other;
}

gates::Policy policy_of(const Explanation& asked_for) {
  if (asked_for.routes == nullptr) return gates::Policy::full;
  return asked_for.routes->empty() ? gates::Policy::audited : asked_for.routes->front()->policy;
}

bool lifts_switches(const Explanation& asked_for) {
  return asked_for.routes != nullptr && std::ranges::any_of(*asked_for.routes, [](const auto* route) {
           return route->effects.repairs == http::Repairs::switches;
         });
}

Json decision_of(const store::Reader& reader, const Caller& asked, const Explanation& asked_for,
                 const ExplainServices& services) {
  const Act& act = asked_for.act;
  const gates::Question question{.caller = asked,
                                 .action = act.action,
                                 .surface = act.surface,
                                 .policy = policy_of(asked_for),
                                 .own_action = asked_for.routes == nullptr ? gates::kOutsideAction : std::string_view{},
                                 .providers = act.provider ? std::vector{*act.provider} : std::vector<std::string>{},
                                 .now = now_micros(),
                                 .subject_type = act.subject_type,
                                 .subject_id = act.subject_id,
                                 .strict = services.strict(asked.env()),
                                 .lifts_switches = lifts_switches(asked_for)};
  Json decision = gates::explain(reader, question).to_json(true);
  Preconditions before =
      ask_preconditions(reader, asked_for.routes != nullptr ? *asked_for.routes : Routes{}, asked, services);
  decision["preconditions"] = std::move(before.list);
  if (before.refused) decision["result"] = "BLOCK";
  return decision;
}

Reply explain(const store::Reader& reader, const Caller& caller, const Explanation& asked_for,
              const ExplainServices& services) {
  const Caller asked = asked_as(reader, caller, asked_for.as_user);
  const bool known = asked_for.routes != nullptr || is_configured(reader, caller, asked_for.act);
  if (known && asked_for.routes == nullptr && asked_for.act.surface.empty())
    throw Problem(problems::validation_failed, "surface is required: an act outside Nexus names its own")
        .with_errors({{"/surface", "is required: an act outside Nexus names its own"}});
  Json json = {{"known", known}, {"decision", nullptr}};
  if (!known) json["near"] = near_miss(*services.actions, asked_for.act.action);
  const bool judged = asked_for.routes != nullptr || !asked_for.act.surface.empty();
  if (judged) json["decision"] = decision_of(reader, asked, asked_for, services);
  return {.json = std::move(json)};
}

Json question_schema() {
  Json out = schema::named("GateExplain", act_schema());
  out["required"] = {"action"};
  out["properties"]["as_user"] = schema::name(64);
  return out;
}

void add_explain_route(http::RouteTable& routes, const ExplainServices& services) {
  const Json answer =
      schema::named("GateExplanation",
                    schema::object({"known", "decision"}, {{"known", schema::boolean()},
                                                           {"near", schema::nullable(schema::text())},
                                                           {"decision", schema::nullable(http::decision_schema())}}));
  routes.add({.method = "POST",
              .path = "/gates/explain",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member},
              .action = "gates_explain",
              .surface = "control",
              .policy = gates::Policy::read,
              .body = http::Body::json,
              .handler = http::reads(
                  [services](Input& input) { return parse_explanation(input, *services.actions); },
                  [services](const store::Reader& reader, const Caller& caller, const Explanation& asked_for) {
                    return explain(reader, caller, asked_for, services);
                  }),
              .docs = {.summary = "What every gate would say, what would refuse before them, and what would help",
                       .tag = "control",
                       .request = question_schema(),
                       .response = answer,
                       .refusals = {404}}});
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  const auto actions = std::make_shared<Actions>();
  add_explain_route(routes, {actions, services.strict, services.refuse_local_blobs_in_prod});
  routes.add({.method = "POST",
              .path = "/gates/check",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
              .action = std::string(gates::kOutsideAction),
              .surface = "control",
              .body_names_surface = true,
              .policy = gates::Policy::full,
              .body = http::Body::json,
              .handler = http::WriteHandler([actions](Input& input) { return check(input, *actions); }),
              .docs = {.summary = "Pass an act outside Nexus through the gates; leaves an audit row",
                       .tag = "control",
                       .request = act_schema(),
                       .response = schema::named("GatePass", schema::whole({{"decision", http::decision_schema()}}))}});
  routes.when_complete([actions](const http::RouteTable& table) {
    for (const auto& route : table.all())
      if (!route->action.empty()) (*actions)[route->action].push_back(route.get());
    // Rows that the daemon writes by itself must not be imitated either.
    for (const char* own : {"system_read", "auth_failed", "authz_denied"}) (*actions)[own];
  });
}

}  // namespace nexus::gate_checks
