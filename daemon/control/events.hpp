// Routes over activity events: the list, newest first, and one event. Read-only; how events come to be is
// daemon/audit/events's, and live streams are the rails'.
#pragma once
#include "daemon/http/route.hpp"
#include "store/events.hpp"

namespace nexus::control {

/// An event as clients see it. What was personal in it is masked already.
Json event_json(const store::SequencedEvent& event);
Json event_schema();

void add_event_routes(http::RouteTable& routes);

}  // namespace nexus::control
