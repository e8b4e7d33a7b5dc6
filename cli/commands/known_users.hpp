// Which users a kill switch can mean, for commands that name one.
#pragma once
#include <optional>
#include <string>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Says that this id is no member of the tenant and not invited either; for `t_system`, that the daemon knows no such
/// user. Names what is near. Returns nothing for an id that is known. Throws the Refusal or Failure of a request.
std::optional<std::string> find_unknown_user(Session& session, const std::string& tenant, const std::string& user_id);

}  // namespace nexus::cli
