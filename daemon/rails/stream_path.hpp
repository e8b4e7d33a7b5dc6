// The paths of the streams, for which tickets may be made.
#pragma once
#include <string_view>

namespace nexus::rails {

/// /sse/chat/{id}, /ws/chat/{id}, /sse/events or /sse/audit, without a query. The thread need not exist: the stream
/// itself answers 404.
bool is_stream_path(std::string_view path);

}  // namespace nexus::rails
