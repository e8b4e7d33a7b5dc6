// Routes of licences and of the dangerous actions that need them.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::firearms {

void add_licence_routes(http::RouteTable& routes);
void add_dangerous_action_routes(http::RouteTable& routes);

}  // namespace nexus::firearms
