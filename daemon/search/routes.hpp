// POST /nexus/search.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::search {

void add_search_routes(http::RouteTable& routes);

}  // namespace nexus::search
