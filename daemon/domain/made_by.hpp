// The maker and the times of every new row, and who may undo it.
#pragma once
#include "daemon/guard/caller.hpp"
#include "daemon/guard/problems.hpp"

namespace nexus::domain {

/// Fills in `row`, where it has the members: made and changed now, by the caller, in the caller's tenant and env.
template <class Row>
Row made_by(const Caller& caller, Row row) {
  row.tenant_id = caller.realm().tenant;
  row.env = caller.realm().env;
  const Micros now = now_micros();
  if constexpr (requires { row.created_by; }) {
    row.created_at = now;
    row.created_by = caller.user_id;
  }
  if constexpr (requires { row.updated_by; }) {
    row.updated_at = now;
    row.updated_by = caller.user_id;
  }
  return row;
}

/// Throws Problem unless the caller made the row or is an admin. `what` names it, such as "an asset".
inline void require_creator_or_admin(const Caller& caller, std::string_view created_by, std::string_view what) {
  if (!caller.owns(created_by))
    throw Problem(problems::auth_insufficient_role, "only its creator or an admin may do this to " + std::string(what));
}

}  // namespace nexus::domain
