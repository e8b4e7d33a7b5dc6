// kill_switch_document.cpp says how a change alters a document. This file says who may make it, where, and what is
// returned. A change that only tightens is never gated: stopping must always be possible.
#include <algorithm>
#include <memory>

#include "daemon/domain/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/gates/kill_switch.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/kill_switches/kill_switch_answers.hpp"
#include "daemon/model/problems.hpp"
#include "store/identity.hpp"

namespace nexus::kill_switches {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::KillSwitches;
using store::SwitchEntry;
namespace schema = http::schema;

constexpr Env kEnvs[] = {Env::dev, Env::staging, Env::prod};

// ---- who may -------------------------------------------------------------------------------------------------------

void judge_writer(const Caller& caller) {
  if (caller.tenant().is_system() && !caller.is_system())
    throw Problem(problems::auth_insufficient_role,
                  "what stops every tenant is the operator's: this needs the system token");
}

/// Only an owner or the system role may name an owner, and never the last owner who can act.
void judge_users(const store::Reader& reader, const Caller& caller, const KillSwitches& before,
                 const KillSwitches& after) {
  if (caller.tenant().is_system()) return;
  int stopped = 0;
  bool names_one = false;
  for (const auto& entry : after.entries) {
    if (entry.kind != SwitchKind::user) continue;
    const auto member = store::find_member(reader, caller.tenant().str(), entry.name);
    if (!member || member->rank() != Role::owner) continue;
    ++stopped;
    const auto* known = find_entry(before, SwitchKind::user, entry.name);
    if (known != nullptr && !ends_later(gates::end_of(after, entry), gates::end_of(before, *known))) continue;
    names_one = true;
    if (*caller.role < Role::owner)
      throw Problem(problems::auth_insufficient_role, "only an owner or the system role switches an owner off");
  }
  if (names_one && stopped >= store::count_owners(reader, caller.tenant().str()))
    throw Problem(problems::membership_last_owner, "one owner at least must stay able to act");
}

/// A switch on an action that is not gated would stop nothing, and claim that it does.
void judge_actions(const KillSwitches& before, const KillSwitches& after, const Actions& actions) {
  for (const auto& entry : after.entries) {
    if (entry.kind != SwitchKind::action || find_entry(before, entry.kind, entry.name) != nullptr) continue;
    const auto known = actions.find(entry.name);
    if (known == actions.end() || gates::is_stoppable({.policy = known->second.policy})) continue;
    const std::string why =
        "the action " + entry.name + " is not gated: no kill switch stops it (nexusctl kill actions)";
    throw Problem(problems::validation_failed, why).with_errors({{"/disabled_actions", "names one that is not gated"}});
  }
}

// ---- changes -------------------------------------------------------------------------------------------------------

/// The result of a change to one document.
struct Turned {
  KillSwitches before, after;
  bool changed = true;
};

Turned turn(store::Tx& tx, const Caller& caller, Env env, const SwitchChange& change, const Actions& actions,
            const std::optional<std::string>& if_match, bool always_new) {
  const Micros now = now_micros();
  auto [before, etag] = current(tx, caller.tenant(), env);
  http::judge_if_match(if_match, etag);
  Turned turned{before, changed(before, change, caller.user_id, now)};
  turned.changed = always_new || !same_switches(turned.before, turned.after);
  if (!turned.changed) return turned;
  judge_size(before, turned.after);
  judge_users(tx, caller, before, turned.after);
  judge_actions(before, turned.after, actions);
  turned.after.version = before.version + 1;
  turned.after.updated_at = now;
  turned.after.updated_by = caller.user_id;
  store::put_kill_switches(tx, {.tenant = caller.tenant().str(), .env = to_string(env)}, turned.after);
  return turned;
}

Json details_of(const Turned& turned) {
  return {{"before", document_json(turned.before)}, {"after", document_json(turned.after)}};
}

struct OneDocument {
  SwitchChange change;
  std::optional<std::string> if_match;
  bool adds = false;  // PATCH
};

Applied apply_one(store::Tx& tx, const Caller& caller, const OneDocument& asked, const Actions& actions) {
  const Turned turned = turn(tx, caller, caller.env(), asked.change, actions, asked.if_match, !asked.adds);
  Json json = shown(tx, caller.tenant(), caller.env(), turned.after, actions);
  Json details = details_of(turned);
  if (asked.adds) {
    json["changed"] = turned.changed;
    json["still_stopped"] = still_stopped(tx, caller.tenant(), caller.env(), turned.after, asked.change.allow, actions);
    details["why"] = or_null(asked.change.reason);
  }
  return {.json = std::move(json),
          .subject_type = "kill_switches",
          .subject_id = std::nullopt,
          .details = std::move(details),
          .status = 200,
          .fields = {{"ETag", current(tx, caller.tenant(), caller.env()).etag}}};
}

bool would_only_tighten(const store::Reader& reader, const TenantId& tenant, Env env, const SwitchChange& change) {
  const KillSwitches before = current(reader, tenant, env).document;
  return only_tightens(before, changed(before, change, {}, now_micros()));
}

http::Write write_one(Input& input, bool adds, const ActionsPtr& actions) {
  judge_writer(input.caller);
  const OneDocument asked{adds ? take_addition(input.body) : take_replacement(input.body), http::take_if_match(input),
                          adds};
  http::Write write;
  write.apply = [asked, actions](store::Tx& tx, const Caller& caller) {
    return apply_one(tx, caller, asked, *actions);
  };
  write.tightens = [change = asked.change](const store::Reader& reader, const Caller& caller) {
    return would_only_tighten(reader, caller.tenant(), caller.env(), change);
  };
  return write;
}

/// All three unless the request names some; each once.
std::vector<Env> take_envs(http::Fields& body) {
  std::vector<Env> envs;
  const auto names = body.optional_texts("envs", std::size(kEnvs), {.min = 1, .max = 16});
  if (!names) return {std::begin(kEnvs), std::end(kEnvs)};
  for (const auto& name : *names) {
    const auto env = parse_env(name);
    if (env && std::ranges::find(envs, *env) == envs.end()) envs.push_back(*env);
    if (!env) body.fault("envs", "must hold dev, staging or prod");
  }
  if (names->empty()) body.fault("envs", "must name one at least: leave it out for all three");
  return envs;
}

Applied apply_many(store::Tx& tx, const Caller& caller, const SwitchChange& change, const std::vector<Env>& envs,
                   const Actions& actions) {
  ChangedEnvs done{envs, change.allow};
  Json details = {{"why", or_null(change.reason)}};
  for (const Env env : envs) {
    const Turned turned = turn(tx, caller, env, change, actions, std::nullopt, false);
    done.changed = done.changed || turned.changed;
    if (turned.changed) details[std::string(to_string(env))] = details_of(turned);
  }
  return {.json = changed_json(tx, caller.tenant(), done, actions),
          .subject_type = "kill_switches",
          .subject_id = std::nullopt,
          .details = std::move(details),
          .status = 200,
          .reference = reference_of(done),
          .changed_nothing = !done.changed};
}

/// A token that is narrowed by envs reaches those alone, whatever the path says.
void judge_envs(const Caller& caller, const std::vector<Env>& envs) {
  for (const Env env : envs)
    if (caller.scope.envs && !caller.scope.envs->contains(std::string(to_string(env))))
      throw Problem(problems::auth_not_a_member, "this token is not for all of these envs");
}

http::Write write_many(Input& input, const ActionsPtr& actions) {
  judge_writer(input.caller);
  const SwitchChange change = take_addition(input.body);
  http::Write write;
  write.envs = take_envs(input.body);
  judge_envs(input.caller, write.envs);
  write.apply = [change, envs = write.envs, actions](store::Tx& tx, const Caller& caller) {
    return apply_many(tx, caller, change, envs, *actions);
  };
  write.render = [actions](const store::Reader& reader, const Caller& caller, const std::string& reference) {
    return changed_json(reader, caller.tenant(), changed_of(reference), *actions);
  };
  write.tightens = [change, envs = write.envs](const store::Reader& reader, const Caller& caller) {
    return std::ranges::all_of(envs, [&](Env env) { return would_only_tighten(reader, caller.tenant(), env, change); });
  };
  return write;
}

// ---- schemas -------------------------------------------------------------------------------------------------------

Json still_stopped_schema() {
  return schema::list(schema::named(
      "StillStopped", schema::object({"kind", "name", "by", "everywhere"}, {{"kind", schema::text()},
                                                                            {"name", schema::nullable(schema::text())},
                                                                            {"by", schema::nullable(schema::text())},
                                                                            {"everywhere", schema::boolean()},
                                                                            {"env", schema::text()}})));
}

Json document_schema(bool added) {
  Json out = schema::named(added ? "KillSwitchesChanged" : "KillSwitches", replacement_schema());
  out.erase("example");
  Json& properties = out["properties"];
  properties["entries"] = schema::list(entry_schema(true));
  properties["everywhere"] = schema::list(
      schema::named("KillSwitchEverywhere", schema::whole({{"kind", schema::text()},
                                                           {"name", schema::nullable(schema::text())},
                                                           {"expires_at", schema::nullable(schema::time())}})));
  properties["unknown_actions"] = schema::list(schema::text());
  for (const char* name : {"tenant_id", "env"}) properties[name] = schema::text();
  properties["updated_at"] = schema::nullable(schema::time());
  properties["updated_by"] = schema::nullable(schema::text());
  if (added) {
    properties["changed"] = schema::boolean();
    properties["still_stopped"] = still_stopped_schema();
  }
  return out;
}

Json actions_schema() {
  return schema::named(
      "KillSwitchActions",
      schema::whole(
          {{"items", schema::list(schema::named(
                         "KillSwitchAction",
                         schema::whole({{"action", schema::text()},
                                        {"blocked", schema::boolean()},
                                        {"blocked_by", schema::nullable(schema::choice({"tenant", "operator"}))},
                                        {"switch", schema::nullable(schema::text())},
                                        {"expires_at", schema::nullable(schema::time())}})))}}));
}

Json many_schema() {
  Json out = schema::named("KillSwitchesUpdateEnvs", addition_schema());
  out["properties"]["envs"] = schema::list(schema::env(), 3);
  out["properties"]["envs"]["minItems"] = 1;
  return out;
}

http::Route write_route(std::string method, std::string path, Scope scope, http::WriteHandler handler,
                        http::Docs docs) {
  docs.tag = "control";
  return {
      .method = std::move(method),
      .path = std::move(path),
      .demand = {.access = Access::role, .scope = scope, .role = Role::admin, .mutates = true, .repairs_tenant = true},
      .action = "kill_switch_update",
      .surface = "control",
      .policy = gates::Policy::control,
      .effects = {http::Urgency::stops, http::EndsStreams::may, http::Repairs::switches, Direction::told},
      .body = http::Body::json,
      .handler = std::move(handler),
      .docs = std::move(docs)};
}

http::Route read_route(std::string path, http::ReadHandler handler, http::Docs docs) {
  docs.tag = "control";
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::admin, .repairs_tenant = true},
          .action = "kill_switch_read",
          .surface = "control",
          .policy = gates::Policy::read,
          .effects = {.repairs = http::Repairs::yes},
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

void add_read_routes(http::RouteTable& routes, const ActionsPtr& actions) {
  routes.add(read_route("/kill-switches", http::reads([actions](const store::Reader& reader, const Caller& caller) {
                          const auto [document, etag] = current(reader, caller.tenant(), caller.env());
                          return Reply{.json = shown(reader, caller.tenant(), caller.env(), document, *actions),
                                       .fields = {{"ETag", etag}}};
                        }),
                        {.summary = "Show what is switched off", .response = document_schema(false)}));
  routes.add(read_route("/kill-switches/actions",
                        http::reads([actions](const store::Reader& reader, const Caller& caller) {
                          return Reply{.json = stoppable_actions(reader, caller.tenant(), caller.env(), *actions)};
                        }),
                        {.summary = "List every action that a switch can stop, and which switch stops it now",
                         .response = actions_schema()}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("control", "What the gates go by: kill switches, licences, locks, flags, limits, privacy");
  const auto actions = std::make_shared<Actions>();
  routes.when_complete([actions](const http::RouteTable& table) {
    for (const auto& route : table.all())
      if (!route->action.empty())
        actions->emplace(route->action, ActionRules{route->policy, route->effects.repairs == http::Repairs::switches});
  });
  add_read_routes(routes, actions);
  routes.add(write_route(
      "PUT", "/kill-switches", Scope::header, [actions](Input& input) { return write_one(input, false, actions); },
      {.summary = "Switch actions, providers, users or autonomous agents off or on: replaces the fields that are sent",
       .request = replacement_schema(),
       .response = document_schema(false),
       .refusals = {409, 412}}));
  routes.add(write_route("PATCH", "/kill-switches", Scope::header,
                         [actions](Input& input) { return write_one(input, true, actions); },
                         {.summary = "Block or allow some, and leave the others as they are",
                          .request = addition_schema(),
                          .response = document_schema(true),
                          .refusals = {409, 412}}));
  routes.add(write_route(
      "POST", "/tenants/{tenant_id}/kill-switches", Scope::path,
      [actions](Input& input) { return write_many(input, actions); },
      {.summary =
           "Block or allow some in several envs at once: all of it is done, or none; of t_system, in every tenant",
       .request = many_schema(),
       .response = schema::named("KillSwitchesOfEnvs", schema::whole({{"items", schema::list(document_schema(false))},
                                                                      {"changed", schema::boolean()},
                                                                      {"still_stopped", still_stopped_schema()}})),
       .refusals = {409}}));
}

}  // namespace nexus::kill_switches
