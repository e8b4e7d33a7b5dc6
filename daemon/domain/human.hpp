// What no agent does, whatever its role.
#pragma once
#include "daemon/guard/caller.hpp"
#include "daemon/guard/problems.hpp"

namespace nexus::domain {

/// Throws Problem for an agent. `what` says what it would do: `voids a record`.
inline void require_human(const Caller& caller, std::string_view what) {
  if (caller.actor_type == "agent")
    throw Problem(problems::auth_insufficient_role,
                  "only a human " + std::string(what) +
                      ", and this token is an agent's: a person does it, with a token that was made for a human");
}

}  // namespace nexus::domain
