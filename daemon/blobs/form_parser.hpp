// multipart/form-data (RFC 7578) with one file, fed in chunks of any size. Does no I/O. The parser collects fields and
// passes on the bytes of the part `file` as they come. It skips later parts (as S3 does with a presigned POST) or reads
// them like those before, and requires the closing boundary. Refuses with blob.form_invalid. `on_file` verifies the
// fields (verify.hpp). Threads: one at a time.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/blobs/object.hpp"

namespace nexus::blobs {

/// The boundary of a `multipart/form-data` content type: 1-70 characters of RFC 2046; nothing for any other type.
std::optional<std::string> boundary_of(std::string_view content_type);

/// The callbacks may throw; the parser then refuses everything that follows.
struct FormEvents {
  std::function<void()> on_file;                   // once, before the first byte: all fields are known
  std::function<void(std::string_view)> on_bytes;  // zero or more times; the view is valid during the call only
};

/// What happens to parts after the file. Parts that are read must not be a second file.
enum class AfterFile { skipped, read };

class FormParser {
 public:
  enum class State {
    preamble,        // what stands before the first boundary says nothing (RFC 2046 5.1.1)
    after_boundary,  // CRLF (a part follows) or `--` (the end)
    headers,
    field,
    file,
    skipped,  // a part after the file, not read
    done,     // closing boundary seen; later bytes are dropped
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

 private:
  bool step();
  bool step_after_boundary();
  bool step_headers();
  bool step_body();
  void begin_part(std::string_view head);
  void take_body(std::string_view bytes);
  void consume(std::size_t bytes);
  void check_overhead(std::size_t waiting) const;

  std::string delimiter_;  // CRLF `--` boundary
  FormEvents events_;
  AfterFile after_;
  State state_ = State::preamble;
  std::string buffer_;        // not yet parsed
  std::size_t position_ = 0;  // in buffer_
  std::size_t overhead_ = 0;  // bytes that are not the file's content
  bool file_seen_ = false;
  Fields fields_;
  std::string file_name_;
  std::optional<std::string> file_type_;
};

}  // namespace nexus::blobs
