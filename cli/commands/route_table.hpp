// The route table of the daemon that answers, from its own /openapi.json: what it enforces, never what nexusctl thinks.
#pragma once
#include <vector>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// As routes_of() tells them (daemon/base/route_list.hpp). Throws the Refusal or Failure of the request, which stands
/// beside that of the command where it is `aside`.
std::vector<Json> routes_of_daemon(Session& session, bool aside = false);

}  // namespace nexus::cli
