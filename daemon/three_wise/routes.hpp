// Routes of three-wise questions: somebody asks, three others say what they think.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::three_wise {

void add_three_wise_routes(http::RouteTable& routes);

}  // namespace nexus::three_wise
