#include "daemon/http/dispatcher.hpp"

#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/gates/chain.hpp"
#include "daemon/http/body_reader.hpp"
#include "daemon/http/problem_response.hpp"
#include "daemon/http/trace.hpp"
#include "daemon/log.hpp"
#include "store/preferences.hpp"

namespace nexus::http {
namespace {

/// Quotas of the same name everywhere: RateLimit names a policy (draft-ietf-httpapi-ratelimit-headers).
void add_rate_fields(Exchange& exchange, const Quota& quota, const RateVerdict& verdict) {
  exchange.fields.emplace_back("RateLimit-Policy", "\"default\";q=" + std::to_string(quota.requests) +
                                                       ";w=" + std::to_string(quota.window_seconds));
  exchange.fields.emplace_back("RateLimit", "\"default\";r=" + std::to_string(verdict.remaining) +
                                                ";t=" + std::to_string(verdict.reset_seconds));
}

/// Open handlers read the query themselves: what it may hold stands in their documentation.
void judge_open_query(const Route& route, const RequestHead& head) {
  const Json query = parse_query(head.query());
  Faults faults;
  Fields fields(query, "/query", faults);
  for (const auto& known : route.docs.query)
    fields.optional_text(known.name, {.min = 0, .max = limits::head_bytes_max});
  fields.finish();
  faults.raise();
}

/// Of the readers of the store, half are left to others.
constexpr std::size_t kLongReads = 2;

std::string_view media_type_of(Body body) {
  switch (body) {
    case Body::form:
    case Body::json_or_form:
      return "multipart/form-data";
    case Body::text:
      return "text/plain";
    case Body::none:
    case Body::json:
      break;
  }
  return "application/json";
}

}  // namespace

Dispatcher::Dispatcher(RouteTable routes, store::Database& database, Guard& guard, DispatcherOptions options)
    : routes_(std::move(routes)),
      database_(database),
      guard_(guard),
      options_(std::move(options)),
      origins_(options_.origins),
      refusals_(database, options_.instance_id),
      read_events_(database, options_.disk_is_low, [this](std::size_t n) { metrics_.count_dropped_events(n); }),
      long_reads_(options_.run_blocking, kLongReads) {}

ExchangePtr Dispatcher::admit(RequestHead head) {
  auto exchange = std::make_shared<Exchange>();
  exchange->head = std::move(head);
  Caller& caller = exchange->caller;
  caller.request_id = request_id_of(exchange->head);
  const std::string* parent = exchange->head.find("traceparent");
  const auto trace = parent != nullptr ? trace_id_of(*parent) : std::nullopt;
  caller.traced = trace.has_value();
  caller.trace_id = trace.value_or(caller.request_id);
  try {
    admit_or_throw(*exchange);
  } catch (...) {
    exchange->settled = failure(*exchange, std::current_exception());
    // Like the head gate's refusals: who asks another host, or a method in vain, may not mean us at all.
    const int status = exchange->settled->status;
    exchange->settled->close = status == 421 || status == 405;
  }
  if (exchange->settled) exchange->lease.reset();
  return exchange;
}

ExchangePtr Dispatcher::admit_within(Caller caller, RequestHead head) {
  auto exchange = std::make_shared<Exchange>();
  exchange->head = std::move(head);
  exchange->caller = std::move(caller);
  // What is asked on a stream belongs to the run that the stream was opened in; that of a trace is found again.
  const Caller& opener = exchange->caller;
  if (opener.run_id && !(opener.traced && opener.run_id == opener.trace_id))
    exchange->head.fields.emplace_back("x-run-id", *opener.run_id);
  try {
    find_route(*exchange);
    exchange->lease.emplace(database_.read());
    exchange->caller = guard_.recheck(exchange->lease->reader(), exchange->route->demand, exchange->caller);
    limit_rate(*exchange);
    judge_entity(*exchange);
  } catch (...) {
    exchange->settled = failure(*exchange, std::current_exception());
  }
  exchange->lease.reset();
  return exchange;
}

void Dispatcher::admit_or_throw(Exchange& exchange) {
  const RequestHead& head = exchange.head;
  const std::string* origin = head.find("origin");
  if (head.method == "OPTIONS" && origin != nullptr && origins_.is_cors_origin(*origin)) {
    exchange.settled = OriginRules::preflight(*origin);
    return;
  }
  const std::string* host = head.find("host");
  if (host != nullptr && !origins_.host_is_ours(*host))
    throw Problem(Code::host_not_allowed, "start nexusd with --allowed-host if this name is yours");
  if (origin != nullptr && !origins_.origin_is_ours(*origin, host != nullptr ? *host : ""))
    throw Problem(Code::origin_not_allowed, "start nexusd with --cors-origin if this page is yours");
  exchange.base_url = origins_.base_url(head);
  find_route(exchange);
  const Route& route = *exchange.route;
  if (route.demand.access != Access::open && route.demand.access != Access::presigned) {
    exchange.lease.emplace(database_.read());
    const auto tenant = exchange.params.find("tenant_id");
    guard_.admit(exchange.lease->reader(), head, route.demand,
                 tenant == exchange.params.end() ? std::string_view{} : std::string_view(tenant->second),
                 exchange.caller);
    if (!exchange.caller.is_system()) token_use_.note(exchange.caller.token_id, now_micros());
    if (const auto* stream = std::get_if<StreamHandler>(&route.handler); stream != nullptr && stream->allow)
      stream->allow(exchange.lease->reader(), exchange.caller);
    limit_rate(exchange);
    // A snapshot is not held while a body trickles in.
    if (head.has_body || is_mutation(route)) exchange.lease.reset();
  }
  judge_entity(exchange);
}

void Dispatcher::find_route(Exchange& exchange) {
  auto match = routes_.match(exchange.head.method, exchange.head.path());
  exchange.params = std::move(match.params);
  exchange.route = match.route;
  if (match.route != nullptr) return;
  if (match.allowed.empty()) throw Problem(Code::route_not_found, "GET /openapi.json lists every route");
  std::string allow;
  for (const auto& method : match.allowed) allow += (allow.empty() ? "" : ", ") + method;
  exchange.fields.emplace_back("Allow", allow);
  throw Problem(Code::route_method_not_allowed, "this route has: " + allow);
}

/// Read live from the caller's snapshot: the tenant's own limit for the action, or for all, before the default.
Quota Dispatcher::quota_of(Exchange& exchange) const {
  const Caller& caller = exchange.caller;
  const std::string& action = exchange.route->action;
  if (!caller.tenant_id || !caller.env_id || repairs(*exchange.route)) return options_.default_quota;
  const auto limit =
      store::find_rate_limit(exchange.lease->reader(), caller.tenant_id->str(), to_string(*caller.env_id), action);
  return limit ? Quota{limit->requests, limit->window_seconds} : options_.default_quota;
}

void Dispatcher::limit_rate(Exchange& exchange) {
  const Caller& caller = exchange.caller;
  const Quota quota = quota_of(exchange);
  // Routes without a tenant are limited per user: nobody else's quota may depend on them.
  const std::string_view tenant = caller.tenant_id ? caller.tenant_id->str() : caller.user_id;
  const std::string_view env = caller.env_id ? to_string(*caller.env_id) : "";
  const RateVerdict verdict = limiter_.take(tenant, env, exchange.route->action, quota, now_micros());
  add_rate_fields(exchange, quota, verdict);
  if (verdict.allowed) return;
  Problem problem(Code::rate_limit_exceeded, "the quota of this tenant, env and action is spent");
  problem.retry_after = static_cast<int>(verdict.retry_after);
  throw problem;
}

void Dispatcher::judge_entity(const Exchange& exchange) const {
  const Route& route = *exchange.route;
  const std::string* type = exchange.head.find("content-type");
  const bool is_json = type != nullptr && is_media_type(*type, "application/json");
  const bool small = route.body == Body::json_or_form && is_json;
  const std::uint64_t most = small ? limits::json_body_bytes_max : route.body_bytes_max;
  if (exchange.head.content_length > most)
    throw Problem(Code::request_too_large, "this route takes at most " + std::to_string(most) + " bytes");
  // A route that needs no body takes an empty object, or one that only asserts tenant and env.
  if (route.body == Body::none && !exchange.head.has_body) return;
  const std::string_view wanted = media_type_of(route.body);
  const bool fits = type != nullptr && (is_media_type(*type, wanted) || (route.body == Body::json_or_form && is_json) ||
                                        (route.body == Body::text && is_media_type(*type, "text/markdown")));
  if (!fits) throw Problem(Code::request_unsupported_media_type, "send Content-Type: " + std::string(wanted));
}

Response Dispatcher::refuse_head(Code code, const std::string& detail) {
  Exchange exchange;
  exchange.caller.request_id = uuid_v4();
  exchange.caller.trace_id = exchange.caller.request_id;
  Response response = refuse(exchange, Problem(code, detail));
  response.close = true;
  finish(exchange, response);
  return response;
}

Response Dispatcher::refuse(const Exchange& exchange, const Problem& problem) {
  metrics_.count_refusal(info(problem.code).code);
  log_refusal(exchange, problem);
  return problem_response(problem, exchange.caller.request_id, exchange.caller.trace_id);
}

void Dispatcher::log_refusal(const Exchange& exchange, const Problem& problem) {
  const bool stranger = info(problem.code).status == 401;
  const bool denied = problem.code == Code::auth_not_a_member || problem.code == Code::auth_insufficient_role;
  if (exchange.route == nullptr || (!stranger && !denied)) return;
  audit::Act act = act_of(exchange);
  act.pass = false;
  act.details = {{"code", info(problem.code).code}, {"route", exchange.route->method + " " + exchange.route->path}};
  act.action = stranger ? "auth_failed" : "authz_denied";
  // Only a member has a tenant here: what strangers claim must not grow chains of tenants that are none of theirs.
  if (problem.code != Code::auth_insufficient_role || !exchange.caller.tenant_id) {
    act.tenant = TenantId::system().str();
    act.env = "prod";
  }
  if (act.actor_id.empty()) {
    act.actor_type = "human";
    act.actor_id = "anonymous";
    act.actor_token = "none";
  }
  refusals_.record(std::move(act));
}

Response Dispatcher::failure(const Exchange& exchange, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Problem& problem) {
    return refuse(exchange, problem);
  } catch (const store::Error& cause) {
    log::error("the store failed", {{"request_id", exchange.caller.request_id}, {"cause", cause.what()}});
    const bool again = cause.failure == store::Failure::busy || cause.failure == store::Failure::interrupted;
    Problem problem(again ? Code::store_busy : Code::internal_error, again ? "try again" : "");
    if (again) problem.retry_after = 1;
    return refuse(exchange, problem);
  } catch (const std::exception& cause) {
    log::error("an unexpected exception", {{"request_id", exchange.caller.request_id}, {"cause", cause.what()}});
    return refuse(exchange, Problem(Code::internal_error));
  }
}

void Dispatcher::run(const ExchangePtr& exchange, std::string body, Done done) {
  try {
    parse_and_run(exchange, body, done);
  } catch (...) {
    done(failure(*exchange, std::current_exception()));
  }
}

void Dispatcher::parse_and_run(const ExchangePtr& exchange, const std::string& body, const Done& done) {
  const Route& route = *exchange->route;
  if (const auto* open = std::get_if<OpenHandler>(&route.handler)) {
    if (route.demand.access == Access::open && !route.probed) judge_open_query(route, exchange->head);
    return done((*open)(exchange->head, exchange->params));
  }

  const bool wants_json = route.body == Body::json || route.body == Body::json_or_form;
  if (route.body == Body::text && !is_utf8(body)) throw Problem(Code::request_malformed, "the text is not UTF-8");
  const bool has_json = wants_json || (route.body != Body::text && !body.empty());
  Json json = has_json ? parse_body(body) : Json::object();
  if (const auto* read = std::get_if<ReadHandler>(&route.handler)) {
    Query ask;
    parse(*exchange, std::move(json), body, [&](Input& input) { ask = (*read)(input); });
    if (!route.takes_long) return run_read(exchange, ask, done);
    exchange->lease.reset();  // who waits for a thread keeps no snapshot
    return long_reads_.run([this, exchange, ask, done] {
      try {
        run_read(exchange, ask, done);
      } catch (...) {
        done(failure(*exchange, std::current_exception()));
      }
    });
  }
  if (const auto* stream = std::get_if<StreamHandler>(&route.handler)) {
    StreamHandler::Open open;
    parse(*exchange, std::move(json), body, [&](Input& input) { open = stream->parse(input); });
    const Query query = [open, &route](const store::Reader& reader, const Caller& caller) {
      return open(reader, caller, route);
    };
    return run_read(exchange, query, done);
  }
  const auto* form = std::get_if<FormHandler>(&route.handler);
  const WriteHandler& handler = form != nullptr ? form->json : std::get<WriteHandler>(route.handler);
  Write write;
  parse(*exchange, std::move(json), body, [&](Input& input) { write = handler(input); });
  run_write(exchange, std::move(write), body, done);
}

void Dispatcher::parse(const Exchange& exchange, Json json, std::string_view raw_body,
                       const std::function<void(Input&)>& parser) const {
  const Route& route = *exchange.route;
  Json query = parse_query(exchange.head.query());
  if (route.demand.streams) query.erase("ticket");  // the guard has read it
  const bool has_context = route.demand.scope != Scope::none;
  const bool agreed =
      !has_context || (take_assertions(query, exchange.caller) & take_assertions(json, exchange.caller));
  Faults faults;
  model::refuse_nul(query, "/query", faults);
  model::refuse_nul(json, "", faults);
  faults.raise();
  Fields query_fields(query, "/query", faults);
  const bool batch = route.batch_max > 0 && json.is_array();
  const Json no_body = Json::object();
  Fields body_fields(batch ? no_body : json, "", faults);
  std::vector<Fields> items = batch ? model::fields_of_array(json, route.batch_max, faults) : std::vector<Fields>{};
  Input input{exchange.head, exchange.params,   query_fields,    body_fields,
              raw_body,      exchange.base_url, exchange.caller, items};
  parser(input);
  if (!route.probed) query_fields.finish();
  body_fields.finish();
  for (Fields& item : items) item.finish();
  faults.raise();
  if (!agreed) throw Problem(Code::context_mismatch, "tenant_id and env must equal the context, or be left out");
}

std::optional<Code> Dispatcher::judge_again(const store::Reader& reader, const Route& route,
                                            const Caller& caller) const {
  try {
    const Caller again = guard_.recheck(reader, route.demand, caller);
    if (const auto* stream = std::get_if<StreamHandler>(&route.handler); stream != nullptr && stream->allow)
      stream->allow(reader, again);
    const auto decision = gates::decide(reader, question_of(route, again));
    if (decision.blocked() != nullptr) return decision.refusal().code;
    return std::nullopt;
  } catch (const Problem& problem) {
    return problem.code;
  }
}

void Dispatcher::finish(const Exchange& exchange, Response& response) {
  for (auto& [name, value] : response.fields)
    if (name == "Location" && value.starts_with('/')) value.insert(0, exchange.base_url);
  response.set("X-Request-Id", exchange.caller.request_id);
  for (const auto& [name, value] : exchange.fields) response.set(name, value);
  if (const std::string* origin = exchange.head.find("origin");
      origin != nullptr && origins_.is_cors_origin(*origin) && exchange.head.method != "OPTIONS")
    OriginRules::expose(response, *origin);
  response.set("X-Content-Type-Options", "nosniff");
  if (!response.file) response.set("Cache-Control", "no-store");
  const auto took = std::chrono::steady_clock::now() - exchange.started;
  metrics_.count(exchange.route, response.status, took);
  if (log::enabled(log::Level::debug))
    log::debug("request",
               {{"method", exchange.head.method},
                {"route", exchange.route == nullptr ? "none" : exchange.route->path},
                {"status", std::to_string(response.status)},
                {"micros", std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(took).count())},
                {"request_id", exchange.caller.request_id}});
}

std::unique_ptr<BodySink> Dispatcher::open_sink(const Exchange& exchange) {
  return std::get<UploadHandler>(exchange.route->handler)(exchange.head, exchange.params);
}

}  // namespace nexus::http
