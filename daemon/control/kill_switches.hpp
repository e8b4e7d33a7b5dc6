// Routes of the kill-switch document of a tenant and env.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::control {

void add_kill_switch_routes(http::RouteTable& routes);

}  // namespace nexus::control
