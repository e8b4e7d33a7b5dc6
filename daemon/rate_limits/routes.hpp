// Routes of a tenant's rate limits. Their enforcement is the dispatcher's; whether a limit is its action's own, that of
// "*" or the daemon's default is store::find_rate_limit's and the dispatcher's.
#pragma once
#include "daemon/guard/rate_limit.hpp"
#include "daemon/http/route.hpp"

namespace nexus::rate_limits {

/// Limits may be set for the actions of all routes of the table, once it is complete.
void add_rate_limit_routes(http::RouteTable& routes, const Quota& default_quota);

}  // namespace nexus::rate_limits
