// Routes of KPIs: definitions, the corridors that the KPI gate enforces, and observations.
#pragma once
#include "daemon/gates/strictness.hpp"
#include "daemon/http/route.hpp"

namespace nexus::kpi {

void add_kpi_routes(http::RouteTable& routes);
void add_corridor_routes(http::RouteTable& routes, const gates::Strictness& strict);

}  // namespace nexus::kpi
