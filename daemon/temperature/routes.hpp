// Routes of temperature: floors, ceilings and weights of a surface, its current state, and snapshots for plots.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::temperature {

void add_temperature_config_routes(http::RouteTable& routes);
void add_temperature_routes(http::RouteTable& routes);

}  // namespace nexus::temperature
