// An answer before it is bytes: status, fields and a body in memory, a file to stream, or a body that is pulled piece
// by piece.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/file.hpp"
#include "daemon/base/json.hpp"
#include "daemon/http/stream_handle.hpp"

namespace nexus::http {

/// A part of an open file that is the body.
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
  std::optional<FileBody> file;  // stands for `body` when there
  bool close = false;            // the connection ends after this answer
  /// Stands for `body` when there: puts the next piece (or nothing) into the empty text; false when that was the last.
  /// Called on a thread that may block; throwing cuts the connection, so that nobody takes half an answer for a whole.
  std::function<bool(std::string&)> stream = {};
  StreamPtr opens = {};  // the connection becomes this stream, and is nothing else any more
  bool chunked = true;   // how a stream is framed; else the connection's end is its end

  void set(std::string name, std::string value) { fields.emplace_back(std::move(name), std::move(value)); }
};

inline Response json_response(int status, const Json& value) {
  return {.status = status, .content_type = "application/json", .body = to_text(value), .fields = {}, .file = {}};
}

}  // namespace nexus::http
