#include "daemon/http/exchange.hpp"

#include "daemon/http/problems.hpp"
#include "store/model_rows.hpp"
#include "store/runs.hpp"

namespace nexus::http {

audit::Act act_of(const Exchange& exchange) {
  const Caller& caller = exchange.caller;
  const Route& route = *exchange.route;
  audit::Act act;
  act.tenant = caller.tenant_id ? caller.tenant_id->str() : TenantId::system().str();
  act.env = to_string(caller.standing_env());
  act.action = route.action;
  act.surface = route.surface;
  act.subject_type = "route";
  act.subject_id = route.path;
  act.actor_type = caller.actor_type;
  act.actor_id = caller.user_id;
  act.actor_token = caller.token_id;
  act.request_id = caller.request_id;
  act.trace_id = caller.trace_id;
  act.run_id = caller.run_id;
  if (!caller.reason.empty()) act.details["reason"] = caller.reason;
  return act;
}

std::optional<Code> enter_run(const store::Reader& reader, Exchange& exchange) {
  Caller& caller = exchange.caller;
  caller.run_id.reset();
  if (exchange.route->demand.scope != Scope::header) return std::nullopt;  // runs belong to an env
  const std::string* named = exchange.head.find("x-run-id");
  if (named == nullptr) {
    if (caller.traced) caller.run_id = caller.trace_id;
    return std::nullopt;
  }
  const auto run = store::find_row<runs::kRun>(reader, caller.realm(), *named);
  if (!run) return problems::run_not_found;
  if (run->status != "running") return problems::run_finished;
  caller.run_id = run->run_id;
  return std::nullopt;
}

}  // namespace nexus::http
