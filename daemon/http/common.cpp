#include "daemon/http/common.hpp"

#include "daemon/base/problems.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/spans.hpp"
#include "daemon/log.hpp"
#include "store/events.hpp"

namespace nexus::http {
namespace {

Problem too_many_wait() {
  return Problem(problems::rate_limit_exceeded,
                 "as much of this tenant waits for a thread as may: " +
                     std::to_string(limits::waiting_tasks_per_tenant_max) + " requests, or " +
                     std::to_string(limits::waiting_bytes_per_tenant_max) + " bytes of their bodies")
      .with_retry_after(1);
}

}  // namespace

void begin_on(FairExecutor& lane, const Exchange& exchange, FairExecutor::Task task) {
  if (!lane.try_run(payer_of(exchange), within(exchange, std::move(task)), exchange.head.content_length))
    throw too_many_wait();
}

std::optional<Problem> refusal_of(const FairExecutor& lane, const Exchange& exchange) {
  if (lane.has_room(payer_of(exchange))) return std::nullopt;
  return too_many_wait();
}

Problem problem_of(const store::Result& result) {
  if (result.error) {
    try {
      std::rethrow_exception(result.error);
    } catch (const std::exception& cause) {
      log::error("a write was not applied",
                 {{"class", std::string(to_string(result.failure))}, {"cause", cause.what()}});
    }
  }
  if (result.outcome == store::Outcome::unknown)
    return Problem(problems::store_outcome_unknown,
                   "read it again when the store is back: the audit log tells the truth");
  Problem problem(problems::audit_unavailable, "nothing was changed: io_error");
  if (result.failure == store::Failure::full) problem.detail = "nothing was changed: disk_full";
  if (result.failure == store::Failure::read_only) problem.detail = "nothing was changed: read_only";
  if (result.failure == store::Failure::unreachable) problem.detail = "nothing was changed: unreachable";
  if (result.failure == store::Failure::unreplicated) problem.detail = "nothing was changed: no_synchronous_standby";
  if (result.failure == store::Failure::busy || result.failure == store::Failure::no_memory)
    problem = Problem(problems::store_busy, "nothing was changed: too many writes wait; try again");
  problem.retry_after = 1;
  return problem;
}

bool is_urgent(const Route& route) { return route.effects.urgency == Urgency::stops; }

void submit(store::Database& database, const Exchange& exchange, std::size_t bytes, store::Unit unit,
            const store::Done& done, store::Asks asks) {
  const auto priority = is_urgent(*exchange.route) ? store::Priority::high : store::Priority::normal;
  const store::Done told = exchange.span.is_recorded() ? told_of_unit(exchange, done) : done;
  if (!database.writer().submit({std::move(unit), told, realms_of(exchange), bytes, priority, std::move(asks)}))
    told({store::Outcome::not_applied, store::Failure::busy, {}});
}

audit::Receipt append_row(store::Tx& tx, std::string_view instance_id, const audit::Act& act, Micros now, bool in_run) {
  try {
    if (act.run_id && !in_run) store::touch_trace_run(tx, act.realm(), *act.run_id, act.actor_id, now);
    return audit::append(tx, instance_id, act, now);
  } catch (const store::Error& error) {
    if (error.failure != store::Failure::constraint) throw;
    log::error("an audit row could not be written", {{"request_id", act.request_id}, {"cause", error.what()}});
    throw Problem(problems::audit_unavailable, "nothing was changed: io_error").with_retry_after(1);
  }
}

void add_receipt(Response& response, std::int64_t seq, const std::string& hash) {
  response.set("Nexus-Audit-Seq", std::to_string(seq));
  response.set("Nexus-Audit-Hash", hash);
}

Response append_block(store::Tx& tx, std::string_view instance_id, audit::Act act, const gates::Decision& decision) {
  act.pass = false;
  act.gates = decision.gates_text();
  act.details["decision_id"] = decision.decision_id;
  const auto receipt = append_row(tx, instance_id, act, now_micros());
  Response response = problem_response(decision.refusal(), act.request_id, act.trace_id);
  add_receipt(response, receipt.seq, receipt.hash);
  return response;
}

}  // namespace nexus::http
