// The actions of the daemon's routes, for commands that name one.
#pragma once
#include <map>
#include <string>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Returns what a switch or a lock can name, from the daemon's own /openapi.json: by name, each {action, policy,
/// surface, routes}. Throws the Refusal or Failure of the request.
std::map<std::string, Json> actions_of_daemon(Session& session);

}  // namespace nexus::cli
