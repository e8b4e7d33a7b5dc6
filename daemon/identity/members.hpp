// What the routes of a tenant's members and those of one's own memberships share.
#pragma once
#include "daemon/http/route.hpp"
#include "store/identity.hpp"

namespace nexus::identity {

/// Throws Problem for a change that would leave the tenant without an owner; `after` is nothing for a removal.
void keep_an_owner(const store::Reader& reader, const store::Member& before, std::optional<Role> after);
/// Removes a member who may be removed; the last owner stays.
http::Applied end_membership(store::Tx& tx, const store::Member& member);

}  // namespace nexus::identity
