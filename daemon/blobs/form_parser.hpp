// multipart/form-data (RFC 7578) with one file, fed in chunks of any size. No I/O: fields are collected, bytes of the
// part `file` are handed out as they come, parts after it are skipped (as S3 does with a presigned POST) or read like
// those before it, and the closing boundary is required. Refuses with blob.form_invalid. Whether the fields deserve
// belief is verify.hpp's question, asked from `on_file`. One thread at a time.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/blobs/form_head.hpp"
#include "daemon/blobs/object.hpp"

namespace nexus::blobs {

/// The boundary of a `multipart/form-data` content type: 1-70 characters of RFC 2046; nothing for any other type.
std::optional<std::string> boundary_of(std::string_view content_type);

/// The callbacks may throw; the parser then refuses everything that follows.
struct FormEvents {
  std::function<void()> on_file;                   // once, before the first byte: all fields are known
  std::function<void(std::string_view)> on_bytes;  // zero or more times; the view is valid during the call only
};

/// What becomes of parts after the file. Read ones may be no second file.
enum class AfterFile { skipped, read };

class FormParser {
 public:
  enum class State {
    start,           // nothing but the first `--boundary` may come
    after_boundary,  // CRLF (a part follows) or `--` (the end)
    headers,
    field,
    file,
    skipped,  // a part after the file that nobody reads
    done,     // closing boundary seen; what follows is dropped
    failed,
  };

  FormParser(std::string_view boundary, FormEvents events, AfterFile after = AfterFile::skipped);

  /// Throws Problem at the first byte that cannot belong to a valid form.
  void feed(std::string_view chunk);
  /// The body has ended; throws Problem unless the form was whole.
  void finish();

  State state() const { return state_; }
  const Fields& fields() const { return fields_; }
  const std::string& file_name() const { return file_name_; }                 // as sent; empty when the part named none
  const std::optional<std::string>& file_type() const { return file_type_; }  // the part's Content-Type, as sent
  bool file_complete() const { return file_seen_ && state_ != State::file && state_ != State::failed; }

 private:
  bool step();
  bool step_start();
  bool step_after_boundary();
  bool step_headers();
  bool step_body();
  void begin_part(std::string_view head);
  void begin_file(detail::PartHead part);
  void take_body(std::string_view bytes);
  void end_part();
  void consume(std::size_t bytes);
  void check_overhead(std::size_t waiting) const;

  std::string delimiter_;  // CRLF `--` boundary
  FormEvents events_;
  AfterFile after_;
  State state_ = State::start;
  std::string buffer_;        // what is not yet understood
  std::size_t position_ = 0;  // in buffer_
  std::size_t overhead_ = 0;  // bytes that are not the file's content
  bool file_seen_ = false;
  Fields fields_;
  std::string file_name_;
  std::optional<std::string> file_type_;
};

}  // namespace nexus::blobs
