#include "daemon/http/form_upload.hpp"

#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/blobs/filename.hpp"
#include "daemon/http/body_reader.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/log.hpp"
#include "daemon/model/problems.hpp"
#include "store/objects.hpp"

namespace nexus::http {
namespace {

void refuse_field(std::string_view name, std::string detail) {
  Problem problem(problems::validation_failed, "a field of the form is not valid");
  throw problem.with_errors({{"/" + std::string(name), std::move(detail)}});
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

}  // namespace

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

FormUpload::FormUpload(const FormHandler& handler, const Caller& caller, std::string_view boundary,
                       std::function<void(const Json&)> judge)
    : handler_(handler),
      caller_(caller),
      judge_(std::move(judge)),
      parser_(boundary, {.on_file = [this] { begin(); }, .on_bytes = [this](std::string_view bytes) { append(bytes); }},
              blobs::AfterFile::read) {}

/// Judges everything possible before the first byte of the file.
void FormUpload::begin() {
  judge_(form_json(parser_.fields(), handler_));
  const std::string& filename = parser_.file_name();
  if (const auto fault = blobs::filename_fault(filename)) refuse_field("file", "its filename " + *fault);
  const std::string type = parser_.file_type().value_or("application/octet-stream");
  if (const auto fault = blobs::content_type_fault(type)) refuse_field("file", "its Content-Type " + *fault);
  const std::string id = new_id(caller_.tenant());
  const auto key = blobs::StorageKey::make(caller_.tenant(), caller_.env(), handler_.plane, id, filename);
  file_ = std::make_shared<StoredFile>(StoredFile{id, key, key.uri(handler_.blobs->bucket()), filename, type});
  writer_ = handler_.blobs->write({.key = key, .content_type = type, .bytes_max = handler_.file_bytes_max});
}

void FormUpload::append(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > handler_.file_bytes_max)
    throw Problem(problems::request_too_large,
                  "the file may have at most " + std::to_string(handler_.file_bytes_max) + " bytes");
  writer_->append(bytes);
}

Json FormUpload::finish() {
  parser_.finish();
  return form_json(parser_.fields(), handler_);
}

void sweep_pending(store::Database& database, blobs::BlobStore& blobs, Micros before, int count) {
  for (const auto& text : store::list_pending_objects(database.read().reader(), before, count)) {
    try {
      const auto key = blobs::StorageKey::parse(text);
      if (key && blobs.remove(*key, {})) log::info("removed an object that no row names", {{"key", text}});
      database.writer().run([&](store::Tx& tx) { store::drop_pending_object(tx, text); });
    } catch (const Problem& problem) {  // it keeps its note and does not block the others
      log::warn("an object that no row names could not be removed", {{"key", text}, {"cause", problem.what()}});
    }
  }
}

}  // namespace nexus::http
