#include "daemon/http/exchange.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/http/problems.hpp"
#include "store/events.hpp"
#include "store/model_rows.hpp"

namespace nexus::http {
namespace {

bool is_hex(std::string_view text, std::size_t length) { return text.size() == length && unhex(text).has_value(); }
bool all_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

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

std::string payer_of(const Exchange& exchange) {
  const Caller& caller = exchange.caller;
  return caller.tenant_id ? caller.tenant_id->str() : "user " + caller.user_id;
}

store::Realms realms_of(const Exchange& exchange) {
  const Caller& caller = exchange.caller;
  if (!caller.tenant_id) return store::Realms::every(payer_of(exchange));
  const Route& route = *exchange.route;
  const bool gated = route.policy == gates::Policy::full || route.policy == gates::Policy::telemetry;
  const bool one_env = gated && route.demand.scope == Scope::header;
  store::Realms realms;
  realms.add({.tenant = caller.tenant_id->str(), .env = one_env ? to_string(caller.env()) : ""});
  // Units of other realms read these rows: who may do what, and the switches and flags of t_system.
  const bool is_read_elsewhere = route.effects.streams == EndsStreams::may || *caller.tenant_id == TenantId::system();
  return is_read_elsewhere ? realms.alone() : realms;
}

void note_verdicts(Exchange& exchange, const gates::Decision& decision) {
  exchange.verdicts.clear();
  for (const auto& answer : decision.gates) exchange.verdicts.emplace_back(answer.gate, answer.verdict);
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
  if (!is_utf8(*named)) return problems::run_not_found;
  const auto run = store::find_row<runs::kRun>(reader, caller.realm(), *named);
  if (!run) return problems::run_not_found;
  if (run->status != "running") return problems::run_finished;
  caller.run_id = run->run_id;
  return std::nullopt;
}

std::string request_id_of(const RequestHead& head) {
  const std::string* sent = head.find("x-request-id");
  const bool fits = sent != nullptr && !sent->empty() && sent->size() <= limits::request_id_chars_max &&
                    std::ranges::all_of(*sent, [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                             c == '_' || c == '-';
                    });
  return fits ? *sent : uuid_v4();
}

std::optional<std::string> trace_id_of(std::string_view traceparent) {
  const auto parts = split(traceparent, '-');
  // Version ff is invalid; a later version may append parts, version 00 may not.
  if (parts.size() < 4 || !is_hex(parts[0], 2) || parts[0] == "ff" || (parts[0] == "00" && parts.size() != 4))
    return std::nullopt;
  if (!is_hex(parts[1], 32) || all_zero(parts[1]) || !is_hex(parts[2], 16) || all_zero(parts[2]) ||
      !is_hex(parts[3], 2))
    return std::nullopt;
  return std::string(parts[1]);
}

}  // namespace nexus::http
