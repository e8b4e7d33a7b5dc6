// Invitations as rows. One is open until it expires, is answered or withdrawn, or its inviter may not make it any more;
// the last two are kept by put_member and delete_member (store/identity.hpp). Who may invite whom is decided above. All
// functions may throw store::Error.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/identity.hpp"

namespace nexus::store {

struct Invitation {
  std::string tenant_id;
  std::string user_id;  // perhaps of nobody
  Role role = Role::viewer;
  std::string invited_by;
  Micros created_at = 0;
  Micros expires_at = 0;
};

// What has expired at `now` is not there.
std::optional<Invitation> find_invitation(const Reader& reader, std::string_view tenant_id, std::string_view user_id,
                                          Micros now);
/// Of a tenant, newest first, from behind `mark`.
std::vector<Invitation> list_invitations(const Reader& reader, std::string_view tenant_id, const PageMark& mark,
                                         int limit, Micros now);
/// Of a user, in order of tenant.
std::vector<Invitation> list_invitations_to(const Reader& reader, std::string_view user_id, Micros now);
int count_invitations(const Reader& reader, std::string_view tenant_id, Micros now);

/// Inserts, or replaces the one before.
void put_invitation(Tx& tx, const Invitation& invitation);
void delete_invitation(Tx& tx, std::string_view tenant_id, std::string_view user_id);
/// Removes those of a tenant that have expired at `now`.
void prune_invitations(Tx& tx, std::string_view tenant_id, Micros now);

}  // namespace nexus::store
