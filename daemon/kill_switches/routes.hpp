// Routes of the kill switches: the document of a tenant and env, and one request for several envs of a tenant. The
// documents of t_system hold for every tenant, and only the system role writes them.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::kill_switches {

void add_kill_switch_routes(http::RouteTable& routes);

}  // namespace nexus::kill_switches
