// Repeats of a request under one Idempotency-Key: whose the key is, while its first request runs; what is kept of the
// first answer, in the transaction of the change; and how a repeat is answered, without the writer.
#include "daemon/gates/chain.hpp"
#include "daemon/http/absent.hpp"
#include "daemon/http/problem_response.hpp"
#include "daemon/http/write_run.hpp"

namespace nexus::http {
namespace {

std::string field_text(const store::IdempotencyScope& scope) {
  return scope.tenant_id + "\n" + scope.env + "\n" + scope.user_id + "\n" + scope.method + "\n" + scope.path + "\n" +
         scope.key;
}

/// 1-255 visible ASCII characters.
void judge_key(const std::string& key) {
  bool fits = !key.empty() && key.size() <= limits::idempotency_key_chars_max;
  for (const char c : key) fits = fits && c > 0x20 && c < 0x7F;
  if (fits) return;
  Problem problem(Code::validation_failed, "Idempotency-Key must be 1 to 255 visible characters");
  throw problem.with_errors({{"/header/Idempotency-Key", "must be 1 to 255 visible characters"}});
}

/// Whether a kill switch names who asks, whatever he asks for.
bool is_stopped(const store::Reader& reader, gates::Question question) {
  question.policy = gates::Policy::none;
  return gates::decide(reader, question).blocked() != nullptr;
}

}  // namespace

void Dispatcher::take_key(WriteRun& run) const {
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

/// From here on the key is given back by whoever answers, or lets go of the run.
void Dispatcher::hold_key(WriteRun& run) {
  const std::string held = field_text(*run.idempotency);
  const std::lock_guard lock(in_flight_mutex_);
  if (!in_flight_.insert(held).second)
    throw Problem(Code::idempotency_in_flight, "the first request with this key has not ended yet");
  run.held = std::shared_ptr<void>(nullptr, [this, held](void*) {
    const std::lock_guard guard(in_flight_mutex_);
    in_flight_.erase(held);
  });
}

bool Dispatcher::replay(const store::Reader& reader, WriteRun& run) const {
  const auto stored = store::find_answer(reader, *run.idempotency, now_micros() - kAnswerLifetime);
  if (!stored) return false;
  if (is_stopped(reader, question_of(*run.exchange))) return false;  // the gates will say so
  if (stored->body_sha256 != run.body_sha256)
    throw Problem(Code::idempotency_key_reused, "this Idempotency-Key stands for a request with another body");
  if (stored->erased()) throw Problem(absent_code(stored->subject_type), "what the first request made was deleted");
  if (stored->secret)
    throw Problem(Code::idempotency_secret_shown, "the first answer made " + stored->body + "; its secret is not kept");
  run.response.status = stored->status;
  run.response.content_type = stored->body.empty() ? "" : "application/json";
  const Json fields = Json::parse(stored->headers);
  for (const auto& [name, value] : fields.items()) run.response.set(name, value.get<std::string>());
  run.response.set("Idempotency-Replayed", stored->is_reference ? "rendered" : "true");
  if (stored->is_reference)
    run.reference = stored->body;
  else
    run.response.body = stored->body;
  return true;
}

/// Who was put out while the body came is told nothing, not even what he did himself.
bool Dispatcher::replay_from_snapshot(WriteRun& run) const {
  auto lease = database_.read();
  judge_again(*run.exchange, lease.reader());
  return replay(lease.reader(), run);
}

/// Where the answer was kept as it is, there is nothing to do.
void Dispatcher::render(const store::Reader& reader, WriteRun& run) {
  if (!run.reference) return;
  if (!run.write.render) throw std::logic_error("an answer was kept as a reference that nobody can render");
  run.response.body = to_text(run.write.render(reader, run.exchange->caller, *run.reference));
}

/// A repeat changes nothing, and never waits for the writer.
void Dispatcher::answer_again(const std::shared_ptr<WriteRun>& run) {
  if (!run->reference) return run->answer(std::move(run->response));
  long_reads_.run([this, run] {
    try {
      render(database_.read().reader(), *run);
      run->answer(std::move(run->response));
    } catch (...) {
      run->answer(failure(*run->exchange, std::current_exception()));
    }
  });
}

void Dispatcher::keep_answer(store::Tx& tx, const WriteRun& run, const Applied& applied, Micros now) {
  if (!run.idempotency) return;
  Json fields = Json::object();
  for (const auto& [name, value] : run.response.fields) fields[name] = value;
  const std::string subject = applied.subject_id.value_or("");
  store::StoredAnswer answer{run.body_sha256,   applied.secret,       run.response.status, to_text(fields),
                             run.response.body, applied.subject_type, applied.subject_id};
  if (applied.secret) answer.body = subject;
  if (!applied.secret && run.write.render && answer.body.size() > limits::stored_answer_bytes_max) {
    answer.is_reference = true;
    answer.body = applied.reference.empty() ? subject : applied.reference;
  }
  store::put_answer(tx, *run.idempotency, answer, now);
}

}  // namespace nexus::http
