#include "daemon/http/writes.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/http/long_answer.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/spans.hpp"
#include "daemon/log.hpp"
#include "store/admission.hpp"
#include "store/audit_log.hpp"
#include "store/erasure.hpp"
#include "store/events.hpp"
#include "store/gates.hpp"
#include "store/preferences.hpp"

namespace nexus::http {
namespace {

void say_what_was_done(audit::Act& act, Applied& applied) {
  if (!applied.action.empty()) act.action = applied.action;
  if (applied.tenant) act.tenant = applied.tenant->str();
  act.subject_type = applied.subject_type;
  act.subject_id = applied.subject_id;
  if (act.details.empty()) {
    act.details = std::move(applied.details);
    return;
  }
  // When the handler's details have a reason too, the system token's reason gets another name.
  if (act.details.contains("reason") && applied.details.contains("reason"))
    act.details["system_reason"] = act.details["reason"];
  act.details.update(applied.details);
}

/// The body of an answer is made after the commit, unless its text is stored in the unit.
void take_answer(const store::Reader& reader, WriteRun& run, Applied& applied) {
  Response& response = run.response;
  response.status = applied.status;
  response.fields = std::move(applied.fields);
  const bool is_large = applied.text_bytes > limits::stored_answer_bytes_max;
  if (applied.text)
    response.text = std::move(applied.text);
  else if (!applied.json.is_null())
    response.text = [json = std::move(applied.json)] { return to_text(json); };
  else if (run.write.render && applied.status != 204)
    run.reference = Idempotency::reference_of(applied);
  else
    return;
  response.content_type = "application/json";
  run.is_long = is_large || run.bytes > limits::stored_answer_bytes_max;
  const bool refers = run.write.render && (is_large || applied.changed_nothing);
  if (!run.idempotency || applied.secret || refers) return;
  response.make_body();
  run.render(reader);
}

}  // namespace

void Writes::run(const ExchangePtr& exchange, Write write, const std::string& body, const Done& done) {
  if (!write.surface.empty() && !exchange->route->body_names_surface)
    throw std::logic_error("the body names a surface on a route whose surface is fixed");
  const auto run = std::make_shared<WriteRun>(WriteRun{exchange, std::move(write), done, body.size()});
  if ((exchange->route->demand.direction == Direction::told) != static_cast<bool>(run->write.tightens))
    throw std::logic_error("a write does not say whether it tightens as its route said it would");
  if (run->write.repeated && !run->write.render) throw std::logic_error("nobody can render the answer to a repeat");
  if (exchange->caller.suspended) judge_direction(common_.database.read().reader(), *run, exchange->caller);
  idempotency_.take_key(*run);
  if (run->idempotency) {
    run->body_sha256 = sha256_hex(body);
    if (idempotency_.replay_from_snapshot(*run)) return idempotency_.answer_again(run);
    idempotency_.hold_key(*run);
  }
  try {
    judge_storage(*exchange);
    // A hint, before the gates: what it leads to is judged like everything else.
    const bool repeats = run->write.repeated && run->write.repeated(common_.database.read().reader(), exchange->caller);
    repeats ? repeat(run) : begin(run);
  } catch (...) {
    run->answer(common_.answers.failure(*exchange, std::current_exception()));
  }
}

FairExecutor::Task Writes::step(const WriteRunPtr& run, Step take) {
  return [this, run, take] {
    try {
      (this->*take)(run);
    } catch (...) {
      run->answer(common_.answers.failure(*run->exchange, std::current_exception()));
    }
  };
}

void Writes::begin(const WriteRunPtr& run) { run->write.prepare ? prepare(run) : submit(run); }

/// Answers what changes nothing without the writer. A key is kept by a unit, which finds the repeat itself.
void Writes::repeat(const WriteRunPtr& run) {
  const auto refusal = run->idempotency ? refusal_of(common_.long_reads, *run->exchange) : std::nullopt;
  if (refusal) throw Problem(*refusal);
  if (run->idempotency) return submit(run);
  begin_on(common_.long_reads, *run->exchange, step(run, &Writes::answer_repeat));
}

void Writes::answer_repeat(const WriteRunPtr& run) {
  take_repeat_from_snapshot(*run) ? run->answer(std::move(run->response)) : begin(run);
}

/// Judges, looks up and renders in one snapshot. False where the unit must decide: the request changes something, or
/// the gates refuse it, which leaves a row.
bool Writes::take_repeat_from_snapshot(WriteRun& run) {
  auto lease = common_.database.read();
  const store::Reader& reader = lease.reader();
  const auto run_fault = enter_run(reader, *run.exchange);
  const Caller caller = admission_.recheck(reader, *run.exchange->route, run.exchange->caller);
  judge_direction(reader, run, caller);
  const auto judgement = common_.questions.judge(reader, *run.exchange, run.write);
  if (judgement) note_verdicts(*run.exchange, judgement->decision);
  if (judgement && judgement->decision.blocked() != nullptr) return false;
  if (run_fault) throw Problem(*run_fault);
  const auto same = run.write.repeated(reader, caller);
  if (!same) return false;
  take_repeat(reader, run, *same);
  run.render(reader);
  return true;
}

/// The answer carries the receipt of the act that it repeats.
void Writes::take_repeat(const store::Reader& reader, WriteRun& run, const Repeat& same) {
  run.response.content_type = "application/json";
  run.response.fields = same.fields;
  run.reference = Idempotency::reference_of(same);
  const auto row = store::find_audit_row(reader, act_of(*run.exchange).realm(), same.audit_seq);
  if (row) add_receipt(run.response, row->seq, row->hash);
}

/// In a suspended tenant, refuses everything that does not tighten.
void Writes::judge_direction(const store::Reader& reader, const WriteRun& run, const Caller& caller) const {
  if (caller.suspended && !run.write.tightens(reader, caller)) Guard::refuse_suspended();
}

void Writes::judge_storage(const Exchange& exchange) const {
  if (exchange.route->writes_blobs && common_.options.refuse_local_blobs_in_prod && exchange.caller.env() == Env::prod)
    throw Problem(problems::storage_local_in_prod, "configure S3, or set blobs.allow_local_in_prod");
}

/// Whether the write takes something away at once: by its route or, for a change of role, by the requested role.
bool Writes::stops(const store::Reader& reader, const WriteRun& run) const {
  const Route& route = *run.exchange->route;
  if (is_urgent(route)) return true;
  const bool is_told = route.policy == gates::Policy::audited && route.effects.direction == Direction::told;
  return is_told && run.write.tightens(reader, run.exchange->caller);
}

/// Below the reserve, refuses every write that does not stop things.
void Writes::require_space(const store::Reader& reader, const WriteRun& run) const {
  if (!common_.options.disk_is_low() || stops(reader, run)) return;
  throw Problem(problems::audit_unavailable, "nothing was changed: disk_full (free space is below audit.reserve)")
      .with_retry_after(5);
}

void Writes::prepare(const WriteRunPtr& run) {
  {
    // Reads the gates a first time. A refusal goes straight to the writer, which audits it, without any I/O.
    auto lease = common_.database.read();
    const auto judgement = common_.questions.judge(lease.reader(), *run->exchange, run->write);
    if (judgement && judgement->decision.blocked() != nullptr) return submit(run);
    require_space(lease.reader(), *run);
    if (const auto fault = enter_run(lease.reader(), *run->exchange)) throw Problem(*fault);
  }
  begin_on(common_.storage, *run->exchange, step(run, &Writes::prepare_and_submit));
}

void Writes::prepare_and_submit(const WriteRunPtr& run) {
  run->bytes += run->write.prepare(common_.database, run->exchange->caller);
  run->is_prepared = true;
  submit(run);
}

void Writes::submit(const WriteRunPtr& run) {
  http::submit(
      common_.database, *run->exchange, run->bytes, [this, run](store::Tx& tx) { unit(tx, *run); },
      [this, run](const store::Result& result) { settle(run, result); },
      [run](const store::Reader& reader) { ask(reader, *run); });
}

/// What every change reads in its tenant and env, whatever it changes.
void Writes::ask(const store::Reader& reader, const WriteRun& run) {
  const Caller& caller = run.exchange->caller;
  if (!caller.tenant_id) return;
  const Realm realm{.tenant = caller.tenant_id->str(), .env = to_string(caller.standing_env())};
  store::find_admission_mark(reader);
  if (run.idempotency) store::find_answer(reader, *run.idempotency, 0);
  store::find_gate_marks(reader, realm);
  store::training_opt_out(reader, realm, caller.user_id);
  store::last_event_seq(reader, realm);
  store::find_audit_head(reader, realm);
}

/// Removes what is in storage for a change that was not made.
void Writes::undo(WriteRun& run) {
  if (!run.write.undo) return;
  common_.storage.run(payer_of(*run.exchange), within(*run.exchange, std::exchange(run.write.undo, nullptr)));
}

void Writes::unit(store::Tx& tx, WriteRun& run) {
  const auto run_fault = enter_run(tx, *run.exchange);
  const Exchange& exchange = *run.exchange;
  const Caller caller = admission_.recheck(tx, *exchange.route, exchange.caller);
  judge_direction(tx, run, caller);
  run.forget_result();
  if (run.idempotency && idempotency_.replay(tx, run)) return;

  audit::Act act = act_of(exchange);
  if (!run.write.action.empty()) act.action = run.write.action;
  if (!run.write.surface.empty()) act.surface = run.write.surface;
  const auto judgement = common_.questions.judge(tx, exchange, run.write);
  if (judgement) note_verdicts(*run.exchange, judgement->decision);
  if (judgement && judgement->decision.blocked() != nullptr) {
    if (judgement->tenant) act.tenant = judgement->tenant->str();
    run.response = append_block(tx, common_.options.instance_id, std::move(act), judgement->decision);
    return;
  }
  require_space(tx, run);
  run.takes_reserve = stops(tx, run);
  if (run_fault) throw Problem(*run_fault);
  if (run.write.repeated)
    if (const auto same = run.write.repeated(tx, caller)) {
      take_repeat(tx, run, *same);
      return Idempotency::keep_repeat(tx, run, *same);
    }
  // The gates refused before, or what was to be repeated is gone: from the beginning.
  run.begins_again = run.write.prepare && !run.is_prepared;
  if (!run.begins_again) change(tx, run, caller, judgement, std::move(act));
}

void Writes::change(store::Tx& tx, WriteRun& run, const Caller& caller, const std::optional<Judgement>& judgement,
                    audit::Act act) {
  const Exchange& exchange = *run.exchange;
  const Micros now = now_micros();
  if (judgement) act.gates = judgement->decision.gates_text();
  Applied applied = run.write.apply(tx, caller);
  run.changed = true;
  if (exchange.route->effects.streams == EndsStreams::may) store::mark_rights(tx);
  if (run.write.answers_decision && judgement) applied.json = {{"decision", judgement->decision.to_json()}};
  if (applied.stream)
    take_stream(run, applied);
  else
    take_answer(tx, run, applied);
  run.after_commit = std::move(applied.after_commit);
  run.leaves_rest = applied.leaves_rest;
  run.parts = std::move(applied.parts);
  if (exchange.route->method == "DELETE" && exchange.route->policy == gates::Policy::full)
    run.leaves_rest |=
        !store::erase_copies(tx, {act.tenant, act.env, applied.subject_type, applied.subject_id.value_or("")});
  for (auto& activity : applied.events) {
    const auto written = audit::write_event(tx, exchange.caller, exchange.route->surface, std::move(activity), now);
    if (applied.numbered) applied.numbered(tx, written.seq);
  }
  say_what_was_done(act, applied);
  const auto receipt = append_row(tx, common_.options.instance_id, act, now, !applied.events.empty());
  add_receipt(run.response, receipt.seq, receipt.hash);
  Idempotency::keep_answer(tx, run, applied, now);
}

void Writes::take_stream(WriteRun& run, Applied& applied) {
  run.response.status = applied.status;
  run.response.fields = std::move(applied.fields);
  run.response.content_type = std::move(applied.content_type);
  run.response.stream = judged_at_each_page(common_, admission_, run.exchange, std::move(applied.stream));
}

void Writes::settle(const WriteRunPtr& run, const store::Result& result) {
  // Nothing else may have that space: the freed reserve is only for the write that just met the full disk.
  const bool full = result.outcome == store::Outcome::not_applied && result.failure == store::Failure::full;
  // A route that changes nothing of the tenant, such as a checkpoint, could be repeated until the reserve is used up.
  const bool takes_away = run->exchange->route->effects.direction != Direction::none;
  if (full && takes_away && run->takes_reserve && common_.options.make_room()) return submit(run);
  if (result.outcome == store::Outcome::applied && run->begins_again)
    return common_.long_reads.run(payer_of(*run->exchange), step(run, &Writes::begin));
  // After the restart the store resolves an unknown outcome; then the object is kept or swept.
  const bool kept =
      result.outcome == store::Outcome::applied ? run->changed : result.outcome == store::Outcome::unknown;
  if (!kept) undo(*run);
  if (result.outcome != store::Outcome::applied) return run->answer(common_.answers.failure(*run->exchange, result));
  if (run->changed && run->exchange->route->effects.streams == EndsStreams::may) common_.options.permissions_changed();
  if (run->leaves_rest) common_.options.keep_house();
  if (run->after_commit)
    common_.storage.run(payer_of(*run->exchange), within(*run->exchange, [this, task = std::move(run->after_commit)] {
                          task(common_.database);
                        }));
  run->parts ? do_part(run) : answer(run);
}

/// The change is committed. So a part that fails changes nothing of the answer, and housekeeping does what is left.
void Writes::do_part(const WriteRunPtr& run) {
  constexpr std::size_t bytes = 16 << 10;
  http::submit(
      common_.database, *run->exchange, bytes, [run](store::Tx& tx) { run->more_parts = run->parts(tx); },
      [this, run](const store::Result& result) {
        const bool done = result.outcome == store::Outcome::applied;
        if (done && run->more_parts) return do_part(run);
        if (!done) common_.options.keep_house();
        answer(run);
      });
}

/// This is the writer's thread: a body that is made here, all would wait for.
void Writes::answer(const WriteRunPtr& run) {
  if (!run->is_long && !run->reference) return run->answer(std::move(run->response));
  common_.long_reads.run(payer_of(*run->exchange), [this, run] { make_and_answer(run); });
}

/// Where not even the answer to a failure can be made, the task's end says so (net/answer.cpp), and does not deny that
/// something was changed.
void Writes::make_and_answer(const WriteRunPtr& run) {
  try {
    run->response.make_body();
    if (run->reference) {
      auto lease = common_.database.read();
      if (!run->changed) admission_.recheck(lease.reader(), *run->exchange);
      run->render(lease.reader());
    }
  } catch (...) {
    run->response = run->changed ? only_receipt(*run, std::current_exception())
                                 : common_.answers.failure(*run->exchange, std::current_exception());
  }
  run->answer(std::move(run->response));
}

/// The answer to a change that is committed, and whose own answer failed: why, with the receipt. What it made may be
/// gone already; that is told as a repeat of the request would be.
Response Writes::only_receipt(const WriteRun& run, const std::exception_ptr& error) {
  Problem told(problems::answer_not_made, "the change was made: read it instead");
  try {
    std::rethrow_exception(error);
  } catch (const Problem& problem) {
    if (info(problem.code).status == 404)
      told = Problem(problem.code, "the change was made, and what it made was deleted since");
  } catch (const std::exception& cause) {
    log::error("a change was made, but its answer was not",
               {{"request_id", run.exchange->caller.request_id}, {"cause", cause.what()}});
  }
  Response response = common_.answers.refuse(*run.exchange, told);
  for (const auto& field : run.response.fields) response.fields.push_back(field);
  return response;
}

}  // namespace nexus::http
