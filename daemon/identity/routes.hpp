// Routes of tenants, users and memberships, and of the tokens of one tenant: who exists, and who belongs
// where.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::identity {

void add_tenant_routes(http::RouteTable& routes);
void add_user_routes(http::RouteTable& routes);
void add_member_routes(http::RouteTable& routes);
void add_tenant_token_routes(http::RouteTable& routes);
void add_membership_routes(http::RouteTable& routes);

}  // namespace nexus::identity
