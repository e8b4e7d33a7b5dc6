// What stands between the frames of a server-sent stream. Many decoders dispatch an event at every empty line, also
// when no data came before it. So each empty line ends an event with data: neither a comment nor `retry:` has one of
// its own. Threads: any.
#pragma once
#include <string>
#include <string_view>

#include "daemon/rails/close_reason.hpp"

namespace nexus::rails {

/// Ends each frame.
inline constexpr std::string_view kSseEnd = "\n\n";
/// Says that the stream lives. Stands between two events.
inline constexpr std::string_view kSseComment = ":\n";

/// When the client comes back: after 1 to 3 seconds, jittered, so that not all clients reconnect at once. It begins the
/// block of the event that follows it.
std::string sse_retry();

/// The last event, whole.
std::string sse_close(const Close& close);

}  // namespace nexus::rails
