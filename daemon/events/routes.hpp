// The routes over activity events: the list, newest first, and one event. Read-only; how events come to be is
// daemon/audit/events's, and live streams are the rails'.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::events {

void add_event_routes(http::RouteTable& routes);

}  // namespace nexus::events
