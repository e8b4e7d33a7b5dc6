// Why the daemon ends a stream, as both transports say it: the number of a WebSocket close, which a server-sent stream
// repeats in its last event, and a few words. What is judged live ends a stream for the reason a new request would be
// refused with.
#pragma once
#include <optional>
#include <string_view>

#include "daemon/base/problem.hpp"

namespace nexus::rails {

enum class End {
  shutdown = 1001,      // the daemon goes away: come back soon
  token = 4401,         // the token expired or was revoked
  membership = 4403,    // no longer a member, no longer of the role, or the tenant was disabled
  too_slow = 4408,      // owes more than a subscriber's queue holds
  flood = 4429,         // too many frames
  switched_off = 4503,  // by a kill switch or a feature flag
};

struct Close {
  int code = 1001;
  std::string_view reason;  // fits a WebSocket close frame: at most 123 bytes
};

Close close_of(End end);

/// How an open stream ends when its route would now be refused with this code.
End end_for(Code refusal);

}  // namespace nexus::rails
