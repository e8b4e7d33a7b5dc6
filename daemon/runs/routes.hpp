// Routes of runs: start, finish, list, and one run with its events. How requests come to belong to a run is
// daemon/http/run_entry's.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::runs {

void add_run_routes(http::RouteTable& routes);

}  // namespace nexus::runs
