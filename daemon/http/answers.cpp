#include "daemon/http/answers.hpp"

#include <new>

#include "daemon/base/problems.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/common.hpp"
#include "daemon/http/spans.hpp"
#include "daemon/log.hpp"

namespace nexus::http {

namespace {

/// The bytes of the answer's body, as far as they are known when it begins.
std::optional<std::uint64_t> body_bytes(const Exchange& exchange, const Response& response) {
  if (exchange.head.method == "HEAD") return 0;
  if (response.stream || response.opens) return std::nullopt;
  return response.file ? response.file->length : response.body.size();
}

}  // namespace

Response Answers::refuse_head(Code code, const std::string& detail, const std::optional<IpAddress>& peer) {
  Exchange exchange;
  exchange.client = access_log_.client_of(peer, exchange.head);
  exchange.caller.request_id = uuid_v4();
  exchange.caller.trace_id = exchange.caller.request_id;
  begin_span(exchange, {});
  Response response = refuse(exchange, Problem(code, detail));
  response.close = true;
  finish(exchange, response);
  return response;
}

Response Answers::refuse(const Exchange& exchange, const Problem& problem) {
  log_refusal(exchange, problem);
  return problem_response(problem, exchange.caller.request_id, exchange.caller.trace_id);
}

void Answers::log_refusal(const Exchange& exchange, const Problem& problem) {
  const bool stranger = info(problem.code).status == 401;
  const bool denied = problem.code == problems::auth_not_a_member || problem.code == problems::auth_insufficient_role;
  if (exchange.route == nullptr || (!stranger && !denied)) return;
  audit::Act act = act_of(exchange);
  act.pass = false;
  act.details = {{"code", info(problem.code).code}, {"route", exchange.route->method + " " + exchange.route->path}};
  act.action = stranger ? "auth_failed" : "authz_denied";
  // Only a member has a tenant here: a stranger's claim must not add rows to a tenant's chain.
  if (problem.code != problems::auth_insufficient_role || !exchange.caller.tenant_id) {
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

Response Answers::failure(const Exchange& exchange, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Problem& problem) {
    return refuse(exchange, problem);
  } catch (const store::Error& cause) {
    log::error("the store failed", {{"request_id", exchange.caller.request_id}, {"cause", cause.what()}});
    const bool away = cause.failure == store::Failure::unreachable;
    const bool again = away || cause.failure == store::Failure::busy || cause.failure == store::Failure::interrupted ||
                       cause.failure == store::Failure::no_memory;
    const char* detail = away ? "the database cannot be reached: try again" : again ? "try again" : "";
    Problem problem(again ? problems::store_busy : problems::internal_error, detail);
    if (again) problem.retry_after = 1;
    return refuse(exchange, problem);
  } catch (const std::bad_alloc&) {
    log::error("no memory was left for a request", {{"request_id", exchange.caller.request_id}});
    return refuse(exchange,
                  Problem(problems::store_busy, "the daemon has no memory left: try again").with_retry_after(1));
  } catch (const std::exception& cause) {
    log::error("an unexpected exception", {{"request_id", exchange.caller.request_id}, {"cause", cause.what()}});
    return refuse(exchange, Problem(problems::internal_error));
  }
}

Response Answers::failure(const Exchange& exchange, const store::Result& result) {
  if (result.outcome == store::Outcome::refused) return failure(exchange, result.error);
  return refuse(exchange, problem_of(result));
}

void Answers::finish(const Exchange& exchange, Response& response) {
  response.make_body();
  for (auto& [name, value] : response.fields)
    if (name == "Location" && value.starts_with('/')) value.insert(0, exchange.base_url);
  response.fields.reserve(response.fields.size() + exchange.fields.size() + 7);
  response.set("X-Request-Id", exchange.caller.request_id);
  response.set("traceresponse", exchange.span.traceresponse());
  for (const auto& [name, value] : exchange.fields) response.set(name, value);
  if (const std::string* origin = exchange.head.find("origin");
      origin != nullptr && origins_.is_cors_origin(*origin) && exchange.head.method != "OPTIONS")
    OriginRules::expose(response, *origin);
  response.set("X-Content-Type-Options", "nosniff");
  if (!response.file) response.set("Cache-Control", "no-store");
  const auto took = std::chrono::steady_clock::now() - exchange.started;
  count(exchange, response, took);
  if (access_log_.wants(response.status) || exchange.span.is_recorded()) tell(exchange, response, took);
}

/// Once an answer: however often the gates judged, and whatever was refused on the way to it.
void Answers::count(const Exchange& exchange, const Response& response, std::chrono::steady_clock::duration took) {
  metrics_.count(exchange.route, response.status, took);
  for (const auto& [gate, verdict] : exchange.verdicts) metrics_.count_gate(gate, verdict);
  if (response.refusal != nullptr) metrics_.count_refusal(response.refusal->code);
}

void Answers::tell(const Exchange& exchange, const Response& response, std::chrono::steady_clock::duration took) {
  const AccessLine line{.method = exchange.head.method,
                        .route = exchange.route,
                        .status = response.status,
                        .refusal = response.refusal,
                        .caller = exchange.caller,
                        .bytes = body_bytes(exchange, response),
                        .took = std::chrono::duration_cast<std::chrono::microseconds>(took),
                        .client = exchange.client};
  if (access_log_.wants(response.status)) access_log_.write(line);
  if (exchange.span.is_recorded()) tell_request(exchange.span, line);
}

}  // namespace nexus::http
