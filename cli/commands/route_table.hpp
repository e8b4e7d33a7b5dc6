// The route table of the daemon that answers, from its own /openapi.json: what it enforces, never what nexusctl thinks.
#pragma once
#include <vector>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Each {method, path, role, action, surface, policy, gates, limits, summary}, by path. `role` is the least role, or
/// `system`, `token`, `presigned`, `open`; `action` and `surface` are null where nothing is asked; `gates` are those
/// that judge the act, in order; `limits` {body_bytes?, file_bytes?, batch_items?, requests?, window_seconds?, fixed?}.
/// Throws the Refusal or Failure of the request, which stands beside that of the command where it is `aside`.
std::vector<Json> routes_of_daemon(Session& session, bool aside = false);

}  // namespace nexus::cli
