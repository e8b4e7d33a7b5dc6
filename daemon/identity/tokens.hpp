// Routes of bearer tokens, and of the caller's own identity.
#pragma once
#include "daemon/guard/bearer.hpp"
#include "daemon/http/route.hpp"

namespace nexus::identity {

/// `bearers` must outlive the table.
void add_token_routes(http::RouteTable& routes, const Bearers& bearers);

}  // namespace nexus::identity
