#include "daemon/http/forms.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/blobs/backend.hpp"
#include "daemon/blobs/filename.hpp"
#include "daemon/blobs/form_parser.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/log.hpp"
#include "daemon/model/problems.hpp"
#include "store/objects.hpp"

namespace nexus::http {
namespace {

void refuse_field(std::string_view name, std::string detail) {
  throw Problem(problems::validation_failed, "a field of the form is not valid")
      .with_errors({{"/" + std::string(name), std::move(detail)}});
}

void append_list(Json& list, std::string_view text) {
  if (trim_ascii(text).empty()) return;
  for (const auto value : split(text, ',')) list.push_back(trim_ascii(value));
}

/// The text as JSON. Other text stays text, and the parser then refuses it with what it expected.
Json document_of(const std::string& text) {
  try {
    return parse_json(text);
  } catch (const JsonError&) {
    return text;
  }
}

/// The fields as one object: texts, lists and documents as the handler names them. Throws Problem for a field that is
/// sent twice, and for text that is not UTF-8.
Json form_json(const blobs::Fields& fields, const FormHandler& handler) {
  Json object = Json::object();
  for (const auto& [name, text] : fields) {
    if (!is_utf8(name) || !is_utf8(text)) throw Problem(problems::request_malformed, "the form's fields are not UTF-8");
    if (handler.lists.contains(name)) {
      if (!object.contains(name)) object[name] = Json::array();
      append_list(object[name], text);
      continue;
    }
    if (object.contains(name)) refuse_field(name, "is sent twice");
    object[name] = handler.documents.contains(name) ? document_of(text) : Json(text);
  }
  return object;
}

/// The body of a gated form as it streams in. Fields are collected; the file goes straight to storage in constant
/// memory, under a key made of the caller's tenant and env. It knows neither gates nor transactions: Forms decides when
/// the object is made durable, and Writes removes it when the write is refused. Blocking; one thread at a time.
class FormUpload {
 public:
  /// `judge` judges the fields before the file, and throws Problem.
  FormUpload(const FormHandler& handler, const Caller& caller, std::string_view boundary,
             std::function<void(const Json&)> judge)
      : handler_(handler),
        caller_(caller),
        judge_(std::move(judge)),
        parser_(boundary,
                {.on_file = [this] { begin(); }, .on_bytes = [this](std::string_view bytes) { append(bytes); }},
                blobs::AfterFile::read) {}

  void take(std::string_view chunk) { parser_.feed(chunk); }
  /// Ends the body and returns all fields. Throws Problem unless the form was complete.
  Json finish() {
    parser_.finish();
    return form_json(parser_.fields(), handler_);
  }
  /// Set from the file's beginning; its `info` is set once it is committed.
  const std::shared_ptr<StoredFile>& file() const { return file_; }
  void commit() { file_->info = writer_->commit(); }

 private:
  /// Judges everything possible before the first byte of the file.
  void begin() {
    judge_(form_json(parser_.fields(), handler_));
    const std::string& filename = parser_.file_name();
    if (const auto fault = blobs::filename_fault(filename)) refuse_field("file", "has a filename that " + *fault);
    const std::string type = parser_.file_type().value_or("application/octet-stream");
    if (const auto fault = blobs::content_type_fault(type)) refuse_field("file", "has a Content-Type that " + *fault);
    const std::string id = new_id(caller_.tenant());
    const auto key = blobs::StorageKey::make(caller_.tenant(), caller_.env(), handler_.plane, id, filename);
    file_ = std::make_shared<StoredFile>(StoredFile{id, key, key.uri(handler_.blobs->bucket()), filename, type});
    writer_ = handler_.blobs->write({.key = key, .content_type = type, .bytes_max = handler_.file_bytes_max});
  }

  void append(std::string_view bytes) {
    size_ += bytes.size();
    if (size_ > handler_.file_bytes_max)
      throw Problem(problems::request_too_large,
                    "the file may have at most " + std::to_string(handler_.file_bytes_max) + " bytes");
    writer_->append(bytes);
  }

  const FormHandler& handler_;
  const Caller& caller_;
  std::function<void(const Json&)> judge_;
  std::shared_ptr<StoredFile> file_;
  std::unique_ptr<blobs::ObjectWriter> writer_;
  std::uint64_t size_ = 0;
  blobs::FormParser parser_;
};

}  // namespace

class FormRun : public ChunkSink {
 public:
  void take(std::string_view chunk) override {
    const SpanScope scope(run->exchange->span);
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
  if (const auto refusal = refusal_of(common_.storage, *exchange)) throw Problem(*refusal);
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
  const SpanScope scope(form->run->exchange->span);
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
  run->bytes = text_size(fields);
  const std::shared_ptr<StoredFile> file = form.upload->file();
  read_input(*run->exchange, fields, {}, [&](Input& input) { run->write = handler.parse(input, file); });
  note_pending(*run->exchange, *file);
  form.upload->commit();
  run->write.apply = [file, apply = std::move(run->write.apply)](store::Tx& tx, const Caller& caller) {
    Applied applied = apply(tx, caller);
    store::drop_pending_object(tx, file->key.str());
    return applied;
  };
  run->write.undo = [this, file, &blobs = *handler.blobs, realms = realms_of(*run->exchange)] {
    blobs.remove(file->key, file->info.version);
    common_.database.writer().submit(
        {.unit = [file](store::Tx& tx) { store::drop_pending_object(tx, file->key.str()); },
         .done = [](const store::Result&) {},
         .realms = realms});
  };
  writes_.submit(run);
}

/// Waits until the note is committed: only then may the object become visible.
void Forms::note_pending(const Exchange& exchange, const StoredFile& file) {
  const auto result = common_.database.writer().run(
      [&](store::Tx& tx) { store::note_pending_object(tx, file.key.str(), now_micros()); }, realms_of(exchange));
  if (result.outcome != store::Outcome::applied) throw problem_of(result);
}

namespace {

/// A noted key. One that is none is of no tenant.
struct Pending {
  explicit Pending(const std::string& noted) : text(noted), key(blobs::StorageKey::parse(noted)) {}
  Realm realm() const { return key ? Realm{.tenant = key->tenant().str(), .env = to_string(key->env())} : Realm(); }
  std::string text;
  std::optional<blobs::StorageKey> key;
};

}  // namespace

bool sweep_pending(store::Stint& stint, blobs::BlobStore& blobs, Micros before) {
  const auto keys = store::list_pending_objects(stint.read().reader(), before, stint.rows(), stint.failures());
  if (keys.empty()) return false;
  std::vector<Pending> objects(keys.begin(), keys.end());
  const store::Realms realms = stint.realms_of(objects);
  const bool more = stint.filled(static_cast<std::int64_t>(keys.size()));
  // First a unit: the one that names the object may have its place, and wait for a standby in its COMMIT.
  std::vector<Pending> claimed;
  const auto claim = [&](store::Tx& tx) {
    claimed.clear();
    for (const Pending& object : objects)
      if (store::claim_pending_object(tx, object.text)) claimed.push_back(object);
  };
  stint.write(claim, realms);
  objects = std::move(claimed);
  stint.keep_handled(objects, [&](const Pending& object) {
    try {
      if (object.key && blobs.remove(*object.key, {}))
        log::info("removed an object that no row names", {{"key", object.text}});
      return true;
    } catch (const Problem& problem) {  // it keeps its note and does not block the others
      log::warn("an object that no row names could not be removed", {{"key", object.text}, {"cause", problem.what()}});
      return false;
    }
  });
  const auto forget = [&](store::Tx& tx) {
    for (const Pending& object : objects) store::drop_pending_object(tx, object.text);
  };
  stint.write(forget, realms);
  return more;
}

}  // namespace nexus::http
