// Routes of privacy: whether models may learn from what a tenant or a user does. What the answer does to an event is
// daemon/audit/events's.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::privacy {

void add_privacy_routes(http::RouteTable& routes);

}  // namespace nexus::privacy
