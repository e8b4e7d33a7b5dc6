// Commands that want the system token: they say so before they begin anything.
#pragma once
#include <string>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Throws a Failure where the token of this run is not the system's, or there is none. `line` is the command as it
/// would go; the remedy adds the place of the token's file.
void require_system_token(Session& session, const std::string& line);

}  // namespace nexus::cli
