// Routes about the gates themselves: what would they say (explain), and what do they say of an act outside Nexus
// (check).
#pragma once
#include "daemon/gates/strictness.hpp"
#include "daemon/http/route.hpp"

namespace nexus::gate_checks {

void add_gate_routes(http::RouteTable& routes, const gates::Strictness& strict, bool refuse_local_blobs_in_prod);

}  // namespace nexus::gate_checks
