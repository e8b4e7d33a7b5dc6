// The actions of the daemon's routes, for commands that name one.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Returns what a switch or a lock can name, from the daemon's own table of routes: by name, each {action, policy,
/// surface, gates, routes}. Throws the Refusal or Failure of the request, which stands beside that of the command where
/// it is `aside`.
std::map<std::string, Json> actions_of_daemon(Session& session, bool aside = false);

/// The declared dangerous actions with their levels, which acts outside Nexus ask by. None where the caller may not
/// read them; nothing where the daemon is too busy to tell.
std::optional<Json> dangers_of(Session& session);

/// Says that the daemon does not know this action: no route of any policy has it, and it is not declared dangerous
/// (where this run has a tenant and may read that). Names what is near. Returns nothing for an action that it knows.
/// Throws the Refusal or Failure of a request, and a Failure (throttled) where the daemon is too busy to tell.
std::optional<std::string> find_unknown(Session& session, const std::string& action);

}  // namespace nexus::cli
