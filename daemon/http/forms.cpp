#include "daemon/http/forms.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/http/body_reader.hpp"
#include "daemon/http/form_upload.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/outcome.hpp"
#include "store/objects.hpp"

namespace nexus::http {

class FormRun : public ChunkSink {
 public:
  void take(std::string_view chunk) override {
    if (hash) hash->update(chunk);
    if (upload) upload->take(chunk);
  }

  WriteRunPtr run;
  bool reads_body = true;
  std::optional<Sha256> hash;          // of the body as received, when there is an Idempotency-Key
  std::unique_ptr<FormUpload> upload;  // null when the gates refused, or when an answer is stored
};

bool takes_form(const Exchange& exchange) {
  if (!std::holds_alternative<FormHandler>(exchange.route->handler)) return false;
  const std::string* type = exchange.head.find("content-type");
  return exchange.route->body == Body::form || (type != nullptr && !is_media_type(*type, "application/json"));
}

ChunkSink* body_of(FormRun& form) { return form.reads_body ? &form : nullptr; }

FormRunPtr Forms::open(const ExchangePtr& exchange) {
  const auto& handler = std::get<FormHandler>(exchange->route->handler);
  auto form = std::make_shared<FormRun>();
  form->run = std::make_shared<WriteRun>(WriteRun{exchange, {}, {}});
  WriteRun& run = *form->run;
  auto lease = common_.database.read();
  read_input(*exchange, Json::object(), {}, [&](Input& input) { run.write = handler.parse(input, nullptr); });
  const auto boundary = blobs::boundary_of(*exchange->head.find("content-type"));
  if (!boundary) throw Problem(problems::blob_form_invalid, "the Content-Type names no valid boundary");
  idempotency_.take_key(run);
  if (run.idempotency) {
    form->hash.emplace();
    if (Idempotency::has_answer(lease.reader(), run)) return form;
    idempotency_.hold_key(run);
  }
  writes_.judge_storage(*exchange);
  // A refusal by the gates goes straight to the writer, which audits it.
  const auto judgement = common_.questions.judge(lease.reader(), *exchange, run.write);
  if (judgement && judgement->decision.blocked() != nullptr) {
    form->reads_body = false;
    return form;
  }
  if (const auto fault = enter_run(lease.reader(), *exchange)) throw Problem(*fault);
  if (handler.look)
    read_input(*exchange, Json::object(), {}, [&](Input& input) {
      handler.parse(input, nullptr);
      handler.look(lease.reader(), input);
    });
  const auto judge_fields = [exchange, &handler](const Json& fields) {
    read_input(*exchange, fields, {}, [&](Input& input) { handler.parse(input, nullptr); });
  };
  form->upload = std::make_unique<FormUpload>(handler, exchange->caller, *boundary, judge_fields);
  return form;
}

void Forms::close(const FormRunPtr& form, const Done& done) {
  form->run->done = done;
  try {
    run(*form);
  } catch (...) {
    form->run->answer(common_.answers.failure(*form->run->exchange, std::current_exception()));
  }
}

Response Forms::refuse(const FormRunPtr& form, const Exchange& exchange, const std::exception_ptr& error) {
  if (form) form->run->held.reset();  // releases the key before the client knows
  return common_.answers.failure(exchange, error);
}

void Forms::run(FormRun& form) {
  const WriteRunPtr& run = form.run;
  const auto& handler = std::get<FormHandler>(run->exchange->route->handler);
  if (form.hash && form.reads_body) run->body_sha256 = hex(form.hash->finish());
  if (form.reads_body && !form.upload) {
    if (idempotency_.replay_from_snapshot(*run)) return idempotency_.answer_again(run);
    return writes_.submit(run);  // the stored answer is gone or no longer for this caller: the unit refuses
  }
  if (!form.reads_body) return writes_.submit(run);

  admission_.recheck(common_.database.read().reader(),
                     *run->exchange);  // before its object is visible; again with the write
  const Json fields = form.upload->finish();
  const std::shared_ptr<StoredFile> file = form.upload->file();
  read_input(*run->exchange, fields, {}, [&](Input& input) { run->write = handler.parse(input, file); });
  note_pending(*file);
  form.upload->commit();
  run->write.apply = [file, apply = std::move(run->write.apply)](store::Tx& tx, const Caller& caller) {
    Applied applied = apply(tx, caller);
    store::drop_pending_object(tx, file->key.str());
    return applied;
  };
  run->undo = [this, file, &blobs = *handler.blobs] {
    blobs.remove(file->key, file->info.version);
    common_.database.writer().submit([file](store::Tx& tx) { store::drop_pending_object(tx, file->key.str()); },
                                     [](const store::Result&) {});
  };
  writes_.submit(run);
}

/// Waits until the note is committed: only then may the object become visible.
void Forms::note_pending(const StoredFile& file) {
  const auto result = common_.database.writer().run(
      [&](store::Tx& tx) { store::note_pending_object(tx, file.key.str(), now_micros()); });
  if (result.outcome != store::Outcome::applied) throw problem_of(result);
}

}  // namespace nexus::http
