// POST /tickets: a browser's way to a stream (see daemon/guard/tickets.hpp).
#pragma once
#include "daemon/guard/tickets.hpp"
#include "daemon/http/route.hpp"

namespace nexus::rails {

/// `tickets` must outlive the table.
void add_ticket_routes(http::RouteTable& routes, Tickets& tickets);

}  // namespace nexus::rails
