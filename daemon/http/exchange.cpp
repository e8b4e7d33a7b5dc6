#include "daemon/http/exchange.hpp"

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

}  // namespace nexus::http
