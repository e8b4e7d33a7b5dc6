// An answer before it is bytes: status, fields and a body. The body is in memory, a file to stream, or pulled piece by
// piece.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/file.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/problem.hpp"

namespace nexus::http {

/// The stream that answers a route instead of a body; the connection becomes it. Opaque here: the session passes the
/// connection to the rails, which know its content and its wire format.
class Stream {
 public:
  virtual ~Stream() = default;
};
using StreamPtr = std::shared_ptr<Stream>;

/// A part of an open file, as the body.
struct FileBody {
  Fd fd;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
  std::optional<FileBody> file;  // replaces `body` when set
  bool close = false;            // the connection ends after this answer
  /// Replaces `body` when set. Puts the next piece (or nothing) into the empty text and returns false when that was the
  /// last. Called on a thread that may block. Throwing cuts the connection, so that no client takes half an answer for
  /// a whole one.
  std::function<bool(std::string&)> stream = {};
  StreamPtr opens = {};  // the connection becomes this stream for good
  bool chunked = true;   // false: the body ends with the connection
  /// Makes the text of `body`; may be empty. Called on the thread of the connection, unless somebody was earlier. Must
  /// not throw.
  std::function<std::string()> text = {};
  std::string payer = {};             // whose share of the storage lane `file` takes; empty: that of the request
  const CodeInfo* refusal = nullptr;  // the code of a problem document

  void make_body() {
    if (text) body = std::exchange(text, nullptr)();
  }
  void set(std::string name, std::string value) { fields.emplace_back(std::move(name), std::move(value)); }
};

/// Null: without a body.
inline Response json_response(int status, const Json& value) {
  if (value.is_null()) return {.status = status, .content_type = {}, .body = {}, .fields = {}, .file = {}};
  return {.status = status, .content_type = "application/json", .body = to_text(value), .fields = {}, .file = {}};
}

/// RFC 9457 `application/problem+json`, with the members that the contract adds.
Response problem_response(const Problem& problem, std::string_view request_id, std::string_view trace_id);

}  // namespace nexus::http
