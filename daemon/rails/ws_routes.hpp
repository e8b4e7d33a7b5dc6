// GET /ws/chat/{thread_id}: a thread on a WebSocket. The transport is in net/websocket.hpp.
#pragma once
#include "daemon/rails/rails.hpp"

namespace nexus::rails {

void add_websocket_routes(http::RouteTable& routes, Rails& rails);

}  // namespace nexus::rails
