// One event as bytes, made once and shared by all streams that it goes to. What differs from stream to stream (the ids
// of the request that delivers it) stands at the end of the JSON, so that a stream only adds its own ending.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace nexus::rails {

struct Frame {
  /// `event: <type>\n`, for what has a cursor `id: <cursor>\n`, then `data: ` and the JSON on one line. An open one
  /// lacks the JSON's end; the empty line that ends the event is never here.
  std::string text;
  std::size_t json_at = 0;  // where the JSON begins
  std::int64_t seq = 0;     // in the durable sequence; 0: not durable
  /// The JSON ends within `meta`: each stream adds `,"trace_id":…,"request_id":…}}` of its own (Stream::ending).
  bool open = false;

  std::string_view json() const { return std::string_view(text).substr(json_at); }
};
using FramePtr = std::shared_ptr<const Frame>;

/// `id` may be empty. `type` must be of letters, digits and underscores; anything else becomes "event".
FramePtr make_frame(std::string_view type, std::string_view id, std::string json, std::int64_t seq, bool open);

/// The end of an open frame's JSON for a stream that is delivered under these ids.
std::string delivery_ending(std::string_view trace_id, std::string_view request_id);

}  // namespace nexus::rails
