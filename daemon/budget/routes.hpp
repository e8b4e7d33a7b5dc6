// Routes of usage and budgets: usage and its cost, spending, and the thresholds that the budget gate enforces.
#pragma once
#include "daemon/gates/strictness.hpp"
#include "daemon/http/route.hpp"

namespace nexus::budget {

void add_usage_routes(http::RouteTable& routes);
void add_budget_policy_routes(http::RouteTable& routes, const gates::Strictness& strict);

}  // namespace nexus::budget
