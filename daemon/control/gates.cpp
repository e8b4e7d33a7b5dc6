// Explain asks every gate, past the first refusal, and leaves no trace. Check is an act: an agent that is about to
// publish, or a tool that is about to run, passes the whole chain under its own name and leaves its audit row.
#include "daemon/control/gates.hpp"

#include <algorithm>

#include "daemon/gates/chain.hpp"
#include "daemon/http/schema.hpp"
#include "store/identity.hpp"

namespace nexus::control {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

/// What the gates ask of a route, by its action; filled once the table is complete.
struct Known {
  gates::Policy policy;
  bool lifts_switches = false;
};
using Actions = std::map<std::string, Known, std::less<>>;

/// The route by which acts outside are judged: a switch on it stops them all.
constexpr std::string_view kCheck = "gates_check";

struct Wish {
  std::string action, surface, subject_type, subject_id;
  std::optional<std::string> provider, as_user;
};

bool is_action(std::string_view text) {
  return text.size() >= 2 && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z' &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

Wish parse(Input& input) {
  Wish wish;
  wish.action = input.body.name("action", {.min = 1, .max = 64});
  wish.surface = input.body.name("surface", {.min = 1, .max = 64});
  wish.subject_type =
      input.body.optional_choice("subject_type", {"agent", "tool", "surface", "app", "user"}).value_or("");
  wish.subject_id = input.body.optional_name("subject_id", {.min = 1, .max = 128}).value_or("");
  wish.provider = input.body.optional_name("provider", {.min = 1, .max = 128}, NameForm::any_case);
  if (!wish.action.empty() && !is_action(wish.action)) input.body.fault("action", "must match ^[a-z][a-z0-9_]{1,63}$");
  if (wish.subject_type.empty() != wish.subject_id.empty())
    input.body.fault(wish.subject_type.empty() ? "subject_type" : "subject_id",
                     "subject_type and subject_id go together");
  return wish;
}

// ---- explain -------------------------------------------------------------------------------------------------------

/// The caller whose way is explained: another member is taken as the person he is, not as the asker's token.
Caller asked_as(const store::Reader& reader, const Caller& caller, const std::optional<std::string>& user) {
  if (!user || *user == caller.user_id) return caller;
  if (*caller.role < Role::admin) throw Problem(Code::auth_insufficient_role, "as_user needs the role admin");
  const auto member = store::find_member(reader, caller.tenant().str(), *user);
  if (!member) throw Problem(Code::member_not_found, "as_user must be a member of the tenant");
  Caller other = caller;
  other.user_id = *user;
  other.actor_type = "human";
  other.role = member->role;
  return other;
}

Reply explain(const store::Reader& reader, const Caller& caller, const Wish& wish, const Actions& actions,
              const gates::Strictness& strict) {
  const Caller asked = asked_as(reader, caller, wish.as_user);
  const auto known = actions.find(wish.action);
  const gates::Question question{.caller = asked,
                                 .action = wish.action,
                                 .surface = wish.surface,
                                 .policy = known == actions.end() ? gates::Policy::full : known->second.policy,
                                 .own_action = known == actions.end() ? kCheck : std::string_view{},
                                 .providers = wish.provider ? std::vector{*wish.provider} : std::vector<std::string>{},
                                 .now = now_micros(),
                                 .subject_type = wish.subject_type,
                                 .subject_id = wish.subject_id,
                                 .strict = strict(caller.env()),
                                 .lifts_switches = known != actions.end() && known->second.lifts_switches};
  return {.json = {{"decision", gates::explain(reader, question).to_json(true)}}};
}

// ---- check ---------------------------------------------------------------------------------------------------------

Applied pass(store::Tx&, const Caller&, const Wish& wish) {
  return {.json = Json::object(),
          .subject_type = wish.subject_type.empty() ? "act" : wish.subject_type,
          .subject_id = wish.subject_type.empty() ? wish.action : wish.subject_id,
          .details = {{"provider", wish.provider ? Json(*wish.provider) : Json()}},
          .status = 200};
}

http::Write check(Input& input, const Actions& actions) {
  const Wish wish = parse(input);
  if (actions.contains(wish.action))
    input.body.fault("action", "is an action of this daemon's own routes: call the route, which is gated itself");
  http::Write write;
  write.action = wish.action;
  write.surface = wish.surface;
  write.subject_type = wish.subject_type;
  write.subject_id = wish.subject_id;
  if (wish.provider) write.providers = {*wish.provider};
  write.answers_decision = true;
  write.apply = [wish](store::Tx& tx, const Caller& caller) { return pass(tx, caller, wish); };
  return write;
}

Json wish_schema(bool explains) {
  Json out = schema::object({"action", "surface"},
                            {{"action", schema::pattern("^[a-z][a-z0-9_]{1,63}$")},
                             {"surface", schema::text_between(1, 64)},
                             {"subject_type", schema::choice({"agent", "tool", "surface", "app", "user"})},
                             {"subject_id", schema::text_between(1, 128)},
                             {"provider", schema::text_between(1, 128)}});
  if (explains) out["properties"]["as_user"] = schema::text_between(1, 64);
  return out;
}

}  // namespace

void add_gate_routes(http::RouteTable& routes, const gates::Strictness& strict) {
  const auto actions = std::make_shared<Actions>();
  const Json decision = schema::object({"decision"}, {{"decision", schema::any_object()}});
  http::Route explained{
      .method = "POST",
      .path = "/gates/explain",
      .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member},
      .action = "gates_explain",
      .surface = "control",
      .policy = gates::Policy::read,
      .body = http::Body::json,
      .handler = http::reads(
          [](Input& input) {
            Wish wish = parse(input);
            wish.as_user = input.body.optional_name("as_user", {.min = 1, .max = 64});
            return wish;
          },
          [actions, strict](const store::Reader& reader, const Caller& caller, const Wish& wish) {
            return explain(reader, caller, wish, *actions, strict);
          }),
      .docs = {
          "What every gate would say, and what would help", "control", wish_schema(true), decision, 200, {}, {404}}};
  routes.add(std::move(explained));
  routes.add({.method = "POST",
              .path = "/gates/check",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
              .action = std::string(kCheck),
              .surface = "control",
              .policy = gates::Policy::full,
              .body = http::Body::json,
              .handler = http::WriteHandler([actions](Input& input) { return check(input, *actions); }),
              .docs = {"Pass an act outside Nexus through the gates; leaves an audit row",
                       "control",
                       wish_schema(false),
                       decision,
                       200,
                       {},
                       {}}});
  routes.when_complete([actions](const http::RouteTable& table) {
    for (const auto& route : table.all())
      if (!route->action.empty())
        actions->emplace(route->action, Known{route->policy, route->effects.repairs == http::Repairs::switches});
    // Rows that the daemon writes of itself must not be imitated either.
    for (const char* own : {"system_read", "auth_failed", "authz_denied"})
      actions->emplace(own, Known{gates::Policy::audited});
  });
}

}  // namespace nexus::control
