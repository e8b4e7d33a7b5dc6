// Analytics: page views and clicks as events of the surface that the body names, with flags of what is personal in
// them and whether models may learn from them. A gate that refuses them refuses: nothing is swallowed.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::analytics {

void add_analytics_routes(http::RouteTable& routes);

}  // namespace nexus::analytics
