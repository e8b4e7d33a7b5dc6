// Check is an act: an agent that is about to publish, or a tool that is about to run, passes the whole chain under its
// own name and leaves its audit row.
#include "daemon/blobs/backend.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/gate_checks/explain.hpp"
#include "daemon/gates/strictness.hpp"
#include "daemon/http/openapi_components.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::gate_checks {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

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

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  const auto actions = std::make_shared<Actions>();
  add_explain_route(routes, {actions, services.strict, services.refuse_local_blobs_in_prod});
  routes.add({.method = "POST",
              .path = "/gates/check",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
              .action = std::string(kCheckAction),
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
