// The routes that an OpenAPI document of nexusd describes, one by one, for people: nexusctl reads the document of a
// daemon that serves, nexusd its own.
#pragma once
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus {

/// Each {method, path, role, action, surface, policy, gates, limits, summary}, by path. `role` is the least role, or
/// `system`, `token`, `presigned`, `open`; `action` and `surface` are null where nothing is asked; `gates` are those
/// that judge the act, in order; `limits` {body_bytes?, file_bytes?, batch_items?, requests?, window_seconds?, fixed?}.
std::vector<Json> routes_of(const Json& openapi);

}  // namespace nexus
