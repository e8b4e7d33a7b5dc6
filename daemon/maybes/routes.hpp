// Maybes: what somebody keeps for perhaps. An item is its creator's; to others it is absent, but for admins.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::maybes {

void add_maybe_routes(http::RouteTable& routes);

}  // namespace nexus::maybes
