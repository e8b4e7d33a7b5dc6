// Routes of strategy locks: members make and edit them, admins decide.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::strategy_locks {

void add_strategy_lock_routes(http::RouteTable& routes);

}  // namespace nexus::strategy_locks
