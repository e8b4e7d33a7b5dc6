// One event as bytes, made once and shared by all streams that deliver it. The part that differs per stream (the ids of
// the delivering request) is at the end of the JSON, so that a stream only adds its own ending.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace nexus::rails {

struct Frame {
  /// `event: <type>\n`, then `id: <cursor>\n` if the event has a cursor, then `data: ` and the JSON on one line. An
  /// open frame lacks the end of the JSON. The empty line that ends the event is never included.
  std::string text;
  std::size_t json_at = 0;  // where the JSON begins
  std::int64_t seq = 0;     // in the durable sequence; 0: not durable
  /// The JSON stops within `meta`: each stream adds its own `,"trace_id":…,"request_id":…}}` (Stream::ending).
  bool open = false;

  std::string_view json() const { return std::string_view(text).substr(json_at); }
};
using FramePtr = std::shared_ptr<const Frame>;

/// `id` may be empty. `type` consists of letters, digits and underscores; any other type becomes "event".
FramePtr make_frame(std::string_view type, std::string_view id, std::string json, std::int64_t seq, bool open);

/// Returns the end of an open frame's JSON for a stream with these ids.
std::string delivery_ending(std::string_view trace_id, std::string_view request_id);

}  // namespace nexus::rails
