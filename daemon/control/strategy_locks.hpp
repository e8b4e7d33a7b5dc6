// Routes of strategy locks: members make and edit them, admins decide.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::control {

void add_strategy_lock_routes(http::RouteTable& routes);

}  // namespace nexus::control
