// The body of a gated form as it streams in. Fields are collected; the file goes straight to storage in constant
// memory, under a key made of the caller's tenant and env. It knows neither gates nor transactions: the dispatcher
// decides when the object is made durable, and removes it when the write is refused. Blocking; one thread at a time.
//
// A crash may come between the object and the row that names it. So the key is noted in `pending_objects` before the
// object becomes visible, and the write that names the object removes the note. sweep_pending removes what is still
// noted.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "daemon/blobs/backend.hpp"
#include "daemon/blobs/form_parser.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

class FormUpload {
 public:
  /// `judge` judges the fields before the file, and throws Problem.
  FormUpload(const FormHandler& handler, const Caller& caller, std::string_view boundary,
             std::function<void(const Json&)> judge);
  void take(std::string_view chunk) { parser_.feed(chunk); }
  /// Ends the body and returns all fields. Throws Problem unless the form was complete.
  Json finish();
  /// Set from the file's beginning; its `info` is set once it is committed.
  const std::shared_ptr<StoredFile>& file() const { return file_; }
  void commit() { file_->info = writer_->commit(); }

 private:
  void begin();
  void append(std::string_view bytes);

  const FormHandler& handler_;
  const Caller& caller_;
  std::function<void(const Json&)> judge_;
  std::shared_ptr<StoredFile> file_;
  std::unique_ptr<blobs::ObjectWriter> writer_;
  std::uint64_t size_ = 0;
  blobs::FormParser parser_;
};

/// The fields as one object: texts, lists and documents as the handler names them. Throws Problem for a field that is
/// sent twice, and for text that is not UTF-8.
Json form_json(const blobs::Fields& fields, const FormHandler& handler);

/// Removes up to `count` objects that were noted before `before` and never named by a row.
void sweep_pending(store::Database& database, blobs::BlobStore& blobs, Micros before, int count);

}  // namespace nexus::http
