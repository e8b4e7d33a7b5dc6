// The way of a write through the dispatcher: idempotency, prepare, and the one unit in which membership, gates, change,
// events, audit row and stored answer are committed together.
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/gates/chain.hpp"
#include "daemon/http/absent.hpp"
#include "daemon/http/dispatcher.hpp"
#include "daemon/http/problem_response.hpp"
#include "daemon/http/run_entry.hpp"
#include "daemon/http/write_run.hpp"
#include "daemon/log.hpp"
#include "store/audit_log.hpp"
#include "store/erasure.hpp"
#include "store/runs.hpp"

namespace nexus::http {
namespace {

void add_receipt(Response& response, std::int64_t seq, const std::string& hash) {
  response.set("Nexus-Audit-Seq", std::to_string(seq));
  response.set("Nexus-Audit-Hash", hash);
}

/// Whatever keeps an audit row from being written keeps the act from being done: a broken constraint on it is no
/// conflict of the client's, as it would be elsewhere.
audit::Receipt append_row(store::Tx& tx, std::string_view instance_id, const audit::Act& act, Micros now) {
  try {
    if (act.run_id) store::touch_trace_run(tx, act.tenant, act.env, *act.run_id, act.actor_id, now);
    return audit::append(tx, instance_id, act, now);
  } catch (const store::Error& error) {
    if (error.failure != store::Failure::constraint) throw;
    log::error("an audit row could not be written", {{"request_id", act.request_id}, {"cause", error.what()}});
    Problem problem(Code::audit_unavailable, "nothing was changed: io_error");
    problem.retry_after = 1;
    throw problem;
  }
}

void say_what_was_done(audit::Act& act, const Applied& applied) {
  if (!applied.action.empty()) act.action = applied.action;
  if (applied.tenant) act.tenant = applied.tenant->str();
  act.subject_type = applied.subject_type;
  act.subject_id = applied.subject_id;
  // The system token's reason stands under a name that no handler's own details take.
  if (act.details.contains("reason") && applied.details.contains("reason"))
    act.details["system_reason"] = act.details["reason"];
  act.details.update(applied.details);
}

bool is_urgent(const Route& route) { return route.effects.urgency == Urgency::stops; }

}  // namespace

void Dispatcher::run_write(const ExchangePtr& exchange, Write write, const std::string& body, const Done& done) {
  if (!write.surface.empty() && !exchange->route->body_names_surface)
    throw std::logic_error("the body names a surface on a route whose surface is fixed");
  auto run = std::make_shared<WriteRun>();
  run->exchange = exchange;
  run->write = std::move(write);
  run->done = done;
  if ((exchange->route->demand.direction == Direction::told) != static_cast<bool>(run->write.tightens))
    throw std::logic_error("a write does not say whether it tightens as its route said it would");
  if (exchange->caller.suspended) judge_direction(database_.read().reader(), *run, exchange->caller);
  take_key(*run);
  if (run->idempotency) {
    run->body_sha256 = sha256_hex(body);
    if (replay_from_snapshot(*run)) return answer_again(run);
    hold_key(*run);
  }
  try {
    judge_storage(*exchange);
    if (run->write.prepare) return prepare_write(run);
    submit_write(run);
  } catch (...) {
    run->answer(failure(*exchange, std::current_exception()));
  }
}

/// In a suspended tenant only what tightens is done.
void Dispatcher::judge_direction(const store::Reader& reader, const WriteRun& run, const Caller& caller) const {
  if (caller.suspended && !run.write.tightens(reader, caller)) Guard::refuse_suspended();
}

void Dispatcher::judge_storage(const Exchange& exchange) const {
  if (exchange.route->writes_blobs && options_.refuse_local_blobs_in_prod && exchange.caller.env() == Env::prod)
    throw Problem(Code::storage_local_in_prod, "configure S3, or set blobs.allow_local_in_prod");
}

/// Whether it takes something away from somebody at once: by its route, or, where the role is what it is about, by what
/// it asks for.
bool Dispatcher::stops(const store::Reader& reader, const WriteRun& run) const {
  const Route& route = *run.exchange->route;
  if (is_urgent(route)) return true;
  const bool is_told = route.policy == gates::Policy::audited && route.effects.direction == Direction::told;
  return is_told && run.write.tightens(reader, run.exchange->caller);
}

/// Below the reserve only what stops things is written.
void Dispatcher::require_space(const store::Reader& reader, const WriteRun& run) const {
  if (!options_.disk_is_low() || stops(reader, run)) return;
  Problem problem(Code::audit_unavailable, "nothing was changed: disk_full (free space is below audit.reserve)");
  problem.retry_after = 5;
  throw problem;
}

void Dispatcher::prepare_write(const std::shared_ptr<WriteRun>& run) {
  {
    // A first reading of the gates: what they refuse goes straight to the writer, to be audited, without any I/O.
    auto lease = database_.read();
    const auto decision = judge(lease.reader(), *run);
    if (decision && decision->blocked() != nullptr) return submit_write(run);
    require_space(lease.reader(), *run);
    if (const auto fault = enter_run(lease.reader(), *run->exchange)) throw Problem(*fault);
  }
  options_.run_storage([this, run] {
    try {
      run->write.prepare(database_, run->exchange->caller);
      submit_write(run);
    } catch (...) {
      run->answer(failure(*run->exchange, std::current_exception()));
    }
  });
}

void Dispatcher::submit_write(const std::shared_ptr<WriteRun>& run) {
  submit(
      run->exchange, [this, run](store::Tx& tx) { write_unit(tx, *run); },
      [this, run](const store::Result& result) { settle(run, result); },
      [this, run](Response response) {
        undo(*run);
        run->answer(std::move(response));
      });
}

/// What stands in storage for a change that was not made goes.
void Dispatcher::undo(WriteRun& run) {
  if (run.undo) options_.run_storage(std::exchange(run.undo, nullptr));
}

void Dispatcher::submit(const ExchangePtr& exchange, store::Writer::Unit unit, store::Writer::Done done,
                        const Done& answer) {
  const bool urgent = is_urgent(*exchange->route);
  if (database_.writer().submit(std::move(unit), std::move(done),
                                urgent ? store::Priority::high : store::Priority::normal))
    return;
  answer(refuse(*exchange, problem_of({store::Outcome::not_applied, store::Failure::busy, {}})));
}

void Dispatcher::write_unit(store::Tx& tx, WriteRun& run) {
  const auto run_fault = enter_run(tx, *run.exchange);
  const Exchange& exchange = *run.exchange;
  const Caller caller = guard_.recheck(tx, exchange.route->demand, exchange.caller);
  judge_direction(tx, run, caller);
  run.response = {};
  run.reference.reset();
  run.after_commit = nullptr;
  run.changed = false;
  if (run.idempotency && replay(tx, run)) return render(tx, run);

  const Micros now = now_micros();
  audit::Act act = act_of(exchange);
  if (!run.write.action.empty()) act.action = run.write.action;
  if (!run.write.surface.empty()) act.surface = run.write.surface;
  const auto decision = judge(tx, run);
  if (decision) {
    act.gates = decision->gates_json();
    if (decision->blocked() != nullptr) {
      act.pass = false;
      act.details["decision_id"] = decision->decision_id;
      const auto receipt = append_row(tx, options_.instance_id, act, now);
      run.response = problem_response(decision->refusal(), exchange.caller.request_id, exchange.caller.trace_id);
      add_receipt(run.response, receipt.seq, receipt.hash);
      return;
    }
  }

  require_space(tx, run);
  run.takes_reserve = stops(tx, run);
  if (run_fault) throw Problem(*run_fault);
  Applied applied = run.write.apply(tx, caller);
  run.changed = true;
  if (run.write.answers_decision && decision) applied.json = {{"decision", decision->to_json()}};
  run.response = json_response(applied.status, applied.json);
  if (applied.json.is_null()) {
    run.response.body.clear();
    run.response.content_type.clear();
  }
  run.response.fields = std::move(applied.fields);
  run.after_commit = std::move(applied.after_commit);
  if (applied.unchanged_since) {
    const auto row = store::find_audit_row(tx, act.tenant, act.env, *applied.unchanged_since);
    if (row) add_receipt(run.response, row->seq, row->hash);
    return keep_answer(tx, run, applied, now);
  }
  if (exchange.route->method == "DELETE" && exchange.route->policy == gates::Policy::full)
    erase_copies(tx, run, {act.tenant, act.env, applied.subject_type, applied.subject_id.value_or("")});
  for (auto& activity : applied.events)
    audit::append_event(tx, exchange.caller, exchange.route->surface, std::move(activity), now);
  say_what_was_done(act, applied);
  const auto receipt = append_row(tx, options_.instance_id, act, now);
  add_receipt(run.response, receipt.seq, receipt.hash);
  keep_answer(tx, run, applied, now);
}

/// A deletion takes along what was copied from its subject, whatever the plane; what is too much for one unit of the
/// writer, right after it.
void Dispatcher::erase_copies(store::Tx& tx, WriteRun& run, const store::Subject& subject) {
  if (store::erase_copies(tx, subject)) return;
  run.after_commit = [first = std::move(run.after_commit)](store::Database& database) {
    if (first) first(database);
    store::erase_noted(database, [] { return false; });
  };
}

void Dispatcher::settle(const std::shared_ptr<WriteRun>& run, const store::Result& result) {
  // Nothing else may have that space: what is given up is asked for again by nobody but who just met the full disk.
  const bool full = result.outcome == store::Outcome::not_applied && result.failure == store::Failure::full;
  // What changes nothing of the tenant's, a checkpoint, could be asked for until the reserve is used up.
  const bool takes_away = run->exchange->route->effects.direction != Direction::none;
  if (full && takes_away && run->takes_reserve && options_.make_room()) return submit_write(run);
  // Of an unknown outcome the store tells after the restart; then the object is kept or swept.
  const bool kept =
      result.outcome == store::Outcome::applied ? run->changed : result.outcome == store::Outcome::unknown;
  if (!kept) undo(*run);
  switch (result.outcome) {
    case store::Outcome::applied:
      if (run->changed && run->exchange->route->effects.streams == EndsStreams::may) options_.permissions_changed();
      if (run->after_commit) options_.run_storage([this, task = std::move(run->after_commit)] { task(database_); });
      return run->answer(std::move(run->response));
    case store::Outcome::refused:
      return run->answer(failure(*run->exchange, result.error));
    case store::Outcome::not_applied:
    case store::Outcome::unknown:
      return run->answer(refuse(*run->exchange, problem_of(result)));
  }
}

audit::Act Dispatcher::act_of(const Exchange& exchange) const {
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

void Dispatcher::audit_blocked_read(const ExchangePtr& exchange, const Query& query, const Done& done) {
  exchange->lease.reset();
  auto response = std::make_shared<Response>();
  auto lifted = std::make_shared<bool>(false);
  const auto unit = [this, exchange, query, response, lifted](store::Tx& tx) {
    const auto decision = gates::decide(tx, question_of(*exchange));
    *lifted = decision.blocked() == nullptr;
    if (*lifted) {  // in between: the read is answered from here
      *response = answer_read(exchange, tx, query);
      return;
    }
    audit::Act act = act_of(*exchange);
    act.pass = false;
    act.gates = decision.gates_json();
    act.details["decision_id"] = decision.decision_id;
    const auto receipt = append_row(tx, options_.instance_id, act, now_micros());
    *response = problem_response(decision.refusal(), exchange->caller.request_id, exchange->caller.trace_id);
    add_receipt(*response, receipt.seq, receipt.hash);
  };
  submit(
      exchange, unit,
      [this, exchange, response, lifted, done](const store::Result& result) {
        if (result.outcome == store::Outcome::applied && *lifted) return end_read(exchange, std::move(*response), done);
        if (result.outcome == store::Outcome::applied) return finish_read(exchange, std::move(*response), done);
        if (result.outcome == store::Outcome::refused) return done(failure(*exchange, result.error));
        done(refuse(*exchange, problem_of(result)));
      },
      done);
}

void Dispatcher::audit_system_read(const ExchangePtr& exchange, Response response, const Done& done) {
  auto held = std::make_shared<Response>(std::move(response));
  const auto unit = [this, exchange, held](store::Tx& tx) {
    audit::Act act = act_of(*exchange);
    act.action = "system_read";
    act.details["action"] = exchange->route->action;
    act.details["status"] = held->status;
    append_row(tx, options_.instance_id, act, now_micros());
  };
  submit(
      exchange, unit,
      [this, exchange, held, done](const store::Result& result) {
        // A look at a tenant's data that cannot be recorded is not given.
        if (result.outcome == store::Outcome::applied) return finish_read(exchange, std::move(*held), done);
        done(refuse(*exchange, problem_of(result)));
      },
      done);
}

void Dispatcher::tidy() {
  token_use_.flush(database_);
  constexpr int batch = 500;  // few enough that no mutation notices
  database_.writer().submit([](store::Tx& tx) { store::prune_answers(tx, now_micros() - kAnswerLifetime, batch); },
                            [](const store::Result&) {});
}

void Dispatcher::flush() {
  refusals_.flush(true);
  read_events_.flush();
  token_use_.flush(database_);
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
    return Problem(Code::store_outcome_unknown,
                   "read it again after the daemon's restart: the audit log tells the truth");
  Problem problem(Code::audit_unavailable, "nothing was changed: io_error");
  if (result.failure == store::Failure::full) problem.detail = "nothing was changed: disk_full";
  if (result.failure == store::Failure::read_only) problem.detail = "nothing was changed: read_only";
  if (result.failure == store::Failure::busy || result.failure == store::Failure::no_memory)
    problem = Problem(Code::store_busy, "nothing was changed: too many writes wait; try again");
  problem.retry_after = 1;
  return problem;
}

}  // namespace nexus::http
