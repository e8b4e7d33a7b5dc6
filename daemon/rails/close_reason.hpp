// Why the daemon ends a stream, in the form that both transports send: a WebSocket close code and a few words. A
// server-sent stream repeats them in its last event. A stream that loses its permission ends with the reason for which
// a new request would be refused.
#pragma once
#include <string_view>

#include "daemon/base/problem.hpp"

namespace nexus::rails {

enum class End {
  shutdown = 1001,      // the daemon stops: reconnect soon
  set_back = 1012,      // the store was set back, and cursors are of another epoch: reconnect
  token = 4401,         // the token expired or was revoked
  membership = 4403,    // no longer a member, no longer of the role, or the tenant was disabled
  too_slow = 4408,      // the subscriber's queue overflowed
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
