// The way of a gated form through the dispatcher: everything that the head tells is judged, gates included, before a
// byte of the body is read; then the file streams to storage; then the write runs like any other, and judges all of it
// again in its transaction.
//
// Idempotency: the body's digest is known at its end only. When an answer is stored for the key, the body is read for
// its digest alone, and nothing is stored.
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/http/body_reader.hpp"
#include "daemon/http/form_upload.hpp"
#include "daemon/http/run_entry.hpp"
#include "daemon/http/write_run.hpp"
#include "daemon/log.hpp"
#include "store/pending_objects.hpp"

namespace nexus::http {

class Dispatcher::FormRun : public ChunkSink {
 public:
  void take(std::string_view chunk) override {
    if (hash) hash->update(chunk);
    if (upload) upload->take(chunk);
  }

  std::shared_ptr<WriteRun> run;
  bool reads_body = true;
  std::optional<Sha256> hash;          // of the body as received, when there is an Idempotency-Key
  std::unique_ptr<FormUpload> upload;  // none when the gates refused, or when an answer is stored
};

bool Dispatcher::takes_form(const Exchange& exchange) {
  if (!std::holds_alternative<FormHandler>(exchange.route->handler)) return false;
  const std::string* type = exchange.head.find("content-type");
  return exchange.route->body == Body::form || (type != nullptr && !is_media_type(*type, "application/json"));
}

ChunkSink* Dispatcher::body_of(FormRun& form) { return form.reads_body ? &form : nullptr; }

Dispatcher::FormRunPtr Dispatcher::open_form(const ExchangePtr& exchange) {
  const auto& handler = std::get<FormHandler>(exchange->route->handler);
  auto form = std::make_shared<FormRun>();
  form->run = std::make_shared<WriteRun>(WriteRun{exchange, {}, {}});
  WriteRun& run = *form->run;
  auto lease = database_.read();
  parse(*exchange, Json::object(), {}, [&](Input& input) { run.write = handler.parse(input, nullptr); });
  const auto boundary = blobs::boundary_of(*exchange->head.find("content-type"));
  if (!boundary) throw Problem(Code::blob_form_invalid, "the Content-Type names no valid boundary");
  take_key(run);
  if (run.idempotency) {
    form->hash.emplace();
    if (store::find_answer(lease.reader(), *run.idempotency, now_micros() - kAnswerLifetime)) return form;
    hold_key(run);
  }
  judge_storage(*exchange);
  // What the gates refuse goes straight to the writer, to be audited.
  const auto decision = judge(lease.reader(), run);
  if (decision && decision->blocked() != nullptr) {
    form->reads_body = false;
    return form;
  }
  if (const auto fault = enter_run(lease.reader(), *exchange)) throw Problem(*fault);
  if (handler.look)
    parse(*exchange, Json::object(), {}, [&](Input& input) {
      handler.parse(input, nullptr);
      handler.look(lease.reader(), input);
    });
  const auto judge_fields = [this, exchange, &handler](const Json& fields) {
    parse(*exchange, fields, {}, [&](Input& input) { handler.parse(input, nullptr); });
  };
  form->upload = std::make_unique<FormUpload>(handler, exchange->caller, *boundary, judge_fields);
  return form;
}

void Dispatcher::close_form(const FormRunPtr& form, const Done& done) {
  form->run->done = done;
  try {
    run_form(*form);
  } catch (...) {
    form->run->answer(failure(*form->run->exchange, std::current_exception()));
  }
}

Response Dispatcher::refuse_form(const FormRunPtr& form, const Exchange& exchange, const std::exception_ptr& error) {
  if (form) form->run->held.reset();  // the key is free before the client knows
  return failure(exchange, error);
}

void Dispatcher::run_form(FormRun& form) {
  const std::shared_ptr<WriteRun>& run = form.run;
  const auto& handler = std::get<FormHandler>(run->exchange->route->handler);
  if (form.hash && form.reads_body) run->body_sha256 = hex(form.hash->finish());
  if (form.reads_body && !form.upload) {
    if (replay_from_snapshot(*run)) return answer_again(run);
    return submit_write(run);  // the stored answer ended, or is not for this caller any more: the unit says so
  }
  if (!form.reads_body) return submit_write(run);

  judge_again(*run->exchange, database_.read().reader());  // before its object can be seen; once more with the write
  const Json fields = form.upload->finish();
  const std::shared_ptr<StoredFile> file = form.upload->file();
  parse(*run->exchange, fields, {}, [&](Input& input) { run->write = handler.parse(input, file); });
  note_pending(*file);
  form.upload->commit();
  run->write.apply = [file, apply = std::move(run->write.apply)](store::Tx& tx, const Caller& caller) {
    Applied applied = apply(tx, caller);
    store::drop_pending_object(tx, file->key.str());
    return applied;
  };
  run->undo = [this, file, &blobs = *handler.blobs] {
    blobs.remove(file->key, file->info.version);
    database_.writer().submit([file](store::Tx& tx) { store::drop_pending_object(tx, file->key.str()); },
                              [](const store::Result&) {});
  };
  submit_write(run);
}

/// Waits until the note is committed: only then may the object become visible.
void Dispatcher::note_pending(const StoredFile& file) {
  const auto result =
      database_.writer().run([&](store::Tx& tx) { store::note_pending_object(tx, file.key.str(), now_micros()); });
  if (result.outcome != store::Outcome::applied) throw problem_of(result);
}

}  // namespace nexus::http
