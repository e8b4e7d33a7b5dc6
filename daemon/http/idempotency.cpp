#include "daemon/http/idempotency.hpp"

#include "daemon/base/shell.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/problems.hpp"

namespace nexus::http {
namespace {

const Micros kAnswerLifetime = std::chrono::microseconds(limits::idempotency_lifetime).count();

std::string field_text(const store::IdempotencyScope& scope) {
  return scope.tenant_id + "\n" + scope.env + "\n" + scope.user_id + "\n" + scope.method + "\n" + scope.path + "\n" +
         scope.key;
}

/// The refusal for an absent subject. A code may name it otherwise than audit rows and events do. Every type that can
/// be deleted has one.
Code absent_code(std::string_view subject_type) {
  std::string name(subject_type);
  if (name == "raw_asset") name = "raw";
  if (name == "influence_pack") name = "pack";
  if (name == "session_turn") name = "session";
  if (const auto code = find_code(name + ".not_found")) return *code;
  throw std::logic_error("no code tells that a " + std::string(subject_type) + " is not there");
}

/// Says what the key stands for, and what helps.
Problem key_reused(const store::StoredAnswer& stored) {
  const std::string subject =
      stored.subject_id ? " (" + stored.subject_type + " " + *stored.subject_id + ")" : std::string();
  return Problem(problems::idempotency_key_reused, "this Idempotency-Key was used at " + to_rfc3339(stored.at) +
                                                       " for a request here with another body" + subject +
                                                       ": send that body again, or this one with a new key");
}

Problem secret_shown(const store::StoredAnswer& stored) {
  const Problem problem(problems::idempotency_secret_shown,
                        "the first answer, at " + to_rfc3339(stored.at) + ", made " + stored.subject_type + " " +
                            stored.body + "; its secret is not kept: end it, and ask again with a new key");
  return stored.subject_type == "token" ? problem.with_remedy("nexusctl token revoke " + shell_quote(stored.body))
                                        : problem;
}

/// 1-255 visible ASCII characters.
void judge_key(const std::string& key) {
  bool fits = !key.empty() && key.size() <= limits::idempotency_key_chars_max;
  for (const char c : key) fits = fits && c > 0x20 && c < 0x7F;
  if (fits) return;
  throw Problem(problems::validation_failed, "Idempotency-Key must be 1 to 255 visible characters")
      .with_errors({{"/header/Idempotency-Key", "must be 1 to 255 visible characters"}});
}

/// Stores the answer to the run's key, with status and fields as in its response.
void put(store::Tx& tx, const WriteRun& run, store::StoredAnswer answer, Micros now) {
  Json fields = Json::object();
  for (const auto& [name, value] : run.response.fields) fields[name] = value;
  answer.body_sha256 = run.body_sha256;
  answer.status = run.response.status;
  answer.headers = to_text(fields);
  store::put_answer(tx, *run.idempotency, answer, now);
}

}  // namespace

void Idempotency::take_key(WriteRun& run) const {
  const Exchange& exchange = *run.exchange;
  const Caller& caller = exchange.caller;
  const std::string* key = exchange.head.find("idempotency-key");
  if (key == nullptr || exchange.route->method != "POST") return;
  judge_key(*key);
  run.idempotency = store::IdempotencyScope{caller.tenant_id ? caller.tenant_id->str() : "",
                                            caller.env_id ? std::string(to_string(*caller.env_id)) : "",
                                            caller.user_id,
                                            exchange.route->method,
                                            spelled(*exchange.route, exchange.params),
                                            *key};
}

void Idempotency::hold_key(WriteRun& run) {
  const std::string held = field_text(*run.idempotency);
  {
    const std::lock_guard lock(mutex_);
    if (!in_flight_.insert(held).second)
      throw Problem(problems::idempotency_in_flight,
                    "the first request with this key has not ended yet: send it again then, and its answer comes");
  }
  // Outside the lock, because the deleter takes it: if allocating the reference count fails, the deleter runs at once.
  run.held = std::shared_ptr<void>(nullptr, [this, held](void*) {
    const std::lock_guard guard(mutex_);
    in_flight_.erase(held);
  });
}

bool Idempotency::has_answer(const store::Reader& reader, const WriteRun& run) {
  return store::find_answer(reader, *run.idempotency, now_micros() - kAnswerLifetime).has_value();
}

bool Idempotency::replay(const store::Reader& reader, WriteRun& run) const {
  const auto stored = store::find_answer(reader, *run.idempotency, now_micros() - kAnswerLifetime);
  if (!stored) return false;
  if (common_.questions.is_stopped(reader, *run.exchange)) return false;  // the gates will refuse
  if (stored->body_sha256 != run.body_sha256) throw key_reused(*stored);
  if (stored->erased())
    throw Problem(absent_code(stored->subject_type),
                  "what the first request with this Idempotency-Key made was deleted: use a new key to make it anew");
  if (stored->secret) throw secret_shown(*stored);
  run.response.status = stored->status;
  run.response.content_type = stored->body.empty() ? "" : "application/json";
  const Json fields = parse_own_json(stored->headers);
  for (const auto& [name, value] : fields.items()) run.response.set(name, value.get<std::string>());
  run.response.set("Idempotency-Replayed", stored->is_reference ? "rendered" : "true");
  if (stored->is_reference)
    run.reference = stored->body;
  else
    run.response.body = stored->body;
  return true;
}

bool Idempotency::replay_from_snapshot(WriteRun& run) const {
  auto lease = common_.database.read();
  admission_.recheck(lease.reader(), *run.exchange);
  return replay(lease.reader(), run);
}

void WriteRun::render(const store::Reader& reader) {
  if (!reference) return;
  if (!write.render) throw std::logic_error("an answer was kept as a reference that nobody can render");
  response.body = to_text(write.render(reader, exchange->caller, *reference));
  reference.reset();
}

/// What waited for a thread is judged again: its subject may have changed since, too.
void Idempotency::answer_again(const WriteRunPtr& run) {
  if (!run->reference) return run->answer(std::move(run->response));
  begin_on(common_.long_reads, *run->exchange, [this, run] {
    try {
      auto lease = common_.database.read();
      admission_.recheck(lease.reader(), *run->exchange);
      run->render(lease.reader());
      run->answer(std::move(run->response));
    } catch (...) {
      run->answer(common_.answers.failure(*run->exchange, std::current_exception()));
    }
  });
}

void Idempotency::keep_answer(store::Tx& tx, const WriteRun& run, const Applied& applied, Micros now) {
  if (!run.idempotency || run.response.stream) return;
  const std::string& body = run.response.body;
  const bool is_made = !run.response.text && !run.reference;
  const bool is_large = !is_made || body.size() > limits::stored_answer_bytes_max;
  const bool refers = !applied.secret && run.write.render && is_large;
  put(tx, run,
      {.secret = applied.secret,
       .body = applied.secret ? applied.subject_id.value_or("")
               : refers       ? reference_of(applied)
                              : body,
       .subject_type = applied.subject_type,
       .subject_id = applied.subject_id,
       .is_reference = refers},
      now);
}

void Idempotency::keep_repeat(store::Tx& tx, const WriteRun& run, const Repeat& same) {
  if (!run.idempotency) return;
  put(tx, run,
      {.body = reference_of(same),
       .subject_type = same.subject_type,
       .subject_id = same.subject_id,
       .is_reference = true},
      now_micros());
}

}  // namespace nexus::http
