// Feature flags of a tenant and env: which rails are open, and whether gestures are kept. What is not set falls back to
// t_system's flag of the same env, and then to what is built in.
#pragma once
#include <string_view>

#include "daemon/http/route.hpp"

namespace nexus::feature_flags {

struct Flags {
  bool ws_enabled = true;
  bool sse_enabled = true;
  bool gesture_logging = false;
};

/// Read live, from the caller's own snapshot.
Flags flags_in_force(const store::Reader& reader, std::string_view tenant_id, std::string_view env);

void add_feature_flag_routes(http::RouteTable& routes);

}  // namespace nexus::feature_flags
