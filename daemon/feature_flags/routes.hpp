// Routes of the feature flags of a tenant and env: show and set. What they mean is daemon/domain/feature_flags.hpp's.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::feature_flags {

void add_feature_flag_routes(http::RouteTable& routes);

}  // namespace nexus::feature_flags
