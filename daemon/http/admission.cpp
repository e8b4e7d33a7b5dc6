#include "daemon/http/admission.hpp"

#include <utility>

#include "daemon/gates/chain.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/problems.hpp"

namespace nexus::http {
namespace {

/// The quotas have the same name everywhere: RateLimit names a policy (draft-ietf-httpapi-ratelimit-headers).
void add_rate_fields(Exchange& exchange, const Quota& quota, const RateVerdict& verdict) {
  const auto pair = [](std::string_view first, std::int64_t one, std::string_view second, std::int64_t other) {
    std::string text;
    text.reserve(64);
    return text.append("\"default\";")
        .append(first)
        .append(std::to_string(one))
        .append(second)
        .append(std::to_string(other));
  };
  exchange.fields.reserve(2);
  exchange.fields.emplace_back("RateLimit-Policy", pair("q=", quota.requests, ";w=", quota.window_seconds));
  exchange.fields.emplace_back("RateLimit", pair("r=", verdict.remaining, ";t=", verdict.reset_seconds));
}

}  // namespace

ExchangePtr Admission::admit(RequestHead head, const std::optional<IpAddress>& peer) {
  auto exchange = std::make_shared<Exchange>();
  exchange->head = std::move(head);
  exchange->client = common_.answers.access_log().client_of(peer, exchange->head);
  Caller& caller = exchange->caller;
  caller.request_id = request_id_of(exchange->head);
  const std::string* parent = exchange->head.find("traceparent");
  const auto trace = parent != nullptr ? trace_id_of(*parent) : std::nullopt;
  caller.traced = trace.has_value();
  caller.trace_id = trace.value_or(caller.request_id);
  common_.answers.begin_span(*exchange, trace ? std::string_view(*parent) : std::string_view());
  try {
    admit_or_throw(*exchange);
  } catch (...) {
    exchange->settled = common_.answers.failure(*exchange, std::current_exception());
    // Like after the head gate's refusals: a request to another host or with an unknown method may not be meant for us.
    const int status = exchange->settled->status;
    exchange->settled->close = status == 421 || status == 405;
  }
  if (exchange->settled) exchange->lease.reset();
  return exchange;
}

void Admission::use_ticket(const ExchangePtr& exchange, const Done& done) {
  exchange->lease.reset();  // what waits for the writer holds no snapshot
  const tickets::Found ticket = *std::exchange(exchange->ticket, std::nullopt);
  store::Realms realms;
  realms.add(ticket.maker.realm());
  const store::Done used = [this, exchange, done](const store::Result& result) {
    if (result.outcome != store::Outcome::applied && !exchange->settled)
      exchange->settled = common_.answers.failure(*exchange, result);
    done({});
  };
  const auto unit = [digest = ticket.digest](store::Tx& tx) { tickets::use_up(tx, digest); };
  if (!common_.database.writer().submit({.unit = unit, .done = used, .realms = std::move(realms)}))
    used({store::Outcome::not_applied, store::Failure::busy, {}});
}

ExchangePtr Admission::admit_within(Caller caller, const std::optional<IpAddress>& client, RequestHead head) {
  auto exchange = std::make_shared<Exchange>();
  exchange->head = std::move(head);
  exchange->client = client;
  exchange->caller = std::move(caller);
  common_.answers.begin_span(*exchange, {});
  // A request on a stream belongs to the run in which the stream was opened. A trace's run is looked up again.
  const Caller& opener = exchange->caller;
  if (opener.run_id && !(opener.traced && opener.run_id == opener.trace_id))
    exchange->head.fields.emplace_back("x-run-id", *opener.run_id);
  try {
    find_route(*exchange);
    exchange->lease.emplace(common_.database.read());
    recheck(exchange->lease->reader(), *exchange);
    limit_rate(*exchange);
    judge_entity(*exchange);
  } catch (...) {
    exchange->settled = common_.answers.failure(*exchange, std::current_exception());
  }
  exchange->lease.reset();
  return exchange;
}

void Admission::admit_or_throw(Exchange& exchange) {
  const RequestHead& head = exchange.head;
  const std::string* origin = head.find("origin");
  if (head.method == "OPTIONS" && origin != nullptr && common_.origins.is_cors_origin(*origin)) {
    exchange.settled = OriginRules::preflight(*origin);
    return;
  }
  const std::string* host = head.find("host");
  if (host != nullptr && !common_.origins.host_is_ours(*host))
    throw Problem(problems::host_not_allowed, "start nexusd with --allowed-host if this name is yours");
  if (origin != nullptr && !common_.origins.origin_is_ours(*origin, host != nullptr ? *host : ""))
    throw Problem(problems::origin_not_allowed, "start nexusd with --cors-origin if this page is yours");
  exchange.base_url = common_.origins.base_url(head);
  find_route(exchange);
  const Route& route = *exchange.route;
  if (route.demand.access != Access::open && route.demand.access != Access::presigned) {
    exchange.lease.emplace(common_.database.read());
    const auto tenant = exchange.params.find("tenant_id");
    common_.guard.admit(exchange.lease->reader(), head, route.demand,
                        tenant == exchange.params.end() ? std::string_view{} : std::string_view(tenant->second),
                        exchange.caller, exchange.ticket);
    if (!exchange.caller.is_system()) token_use_.note(exchange.caller.token_id, now_micros());
    if (const auto* stream = std::get_if<StreamHandler>(&route.handler); stream != nullptr && stream->allow)
      stream->allow(exchange.lease->reader(), exchange.caller);
    limit_rate(exchange);
    // No snapshot is held while a body trickles in.
    if (head.has_body || is_mutation(route)) exchange.lease.reset();
  }
  judge_entity(exchange);
}

void Admission::find_route(Exchange& exchange) {
  auto match = routes_.match(exchange.head.method, exchange.head.path());
  exchange.params = std::move(match.params);
  exchange.route = match.route;
  if (match.route != nullptr) return;
  if (match.allowed.empty()) throw Problem(problems::route_not_found, "GET /openapi.json lists every route");
  std::string allow;
  for (const auto& method : match.allowed) allow += (allow.empty() ? "" : ", ") + method;
  exchange.fields.emplace_back("Allow", allow);
  throw Problem(problems::route_method_not_allowed, "this route has: " + allow);
}

/// The tenant's own limit for the action, or for all actions, else the default. Read live from the caller's snapshot.
Quota Admission::quota_of(Exchange& exchange) const {
  const Caller& caller = exchange.caller;
  const std::string& action = exchange.route->action;
  if (!caller.tenant_id || !caller.env_id || repairs(*exchange.route)) return common_.options.default_quota;
  const auto limit = AdmissionFacts(exchange.lease->reader())
                         .rate_limit({.tenant = caller.tenant_id->str(), .env = to_string(*caller.env_id)}, action);
  return limit ? Quota{limit->requests, limit->window_seconds} : common_.options.default_quota;
}

void Admission::limit_rate(Exchange& exchange) {
  const Caller& caller = exchange.caller;
  const Quota quota = share_of(quota_of(exchange), common_.options.daemons());
  // Routes without a tenant are limited per user, so that one user's requests never spend another's quota.
  const std::string_view tenant = caller.tenant_id ? caller.tenant_id->str() : caller.user_id;
  const std::string_view env = caller.env_id ? to_string(*caller.env_id) : "";
  const RateVerdict verdict =
      limiter_.take({.tenant = tenant, .env = env}, exchange.route->action, quota, std::chrono::steady_clock::now());
  add_rate_fields(exchange, quota, verdict);
  if (verdict.allowed) return;
  throw Problem(problems::rate_limit_exceeded, "the quota of this tenant, env and action is spent")
      .with_retry_after(static_cast<int>(verdict.retry_after));
}

std::optional<Code> Admission::refusal_now(const store::Reader& reader, const Route& route,
                                           const Caller& caller) const {
  try {
    const Caller again = common_.guard.recheck(reader, route.demand, caller);
    if (const auto* stream = std::get_if<StreamHandler>(&route.handler); stream != nullptr && stream->allow)
      stream->allow(reader, again);
    const auto decision = gates::decide(reader, common_.questions.of(route, again));
    if (decision.blocked() != nullptr) return decision.refusal().code;
    return std::nullopt;
  } catch (const Problem& problem) {
    return problem.code;
  }
}

}  // namespace nexus::http
