#include "store/invitations.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

Invitation invitation_of(const Query& q) {
  return {q.text(0), q.text(1),    parse_role(q.text_view(2)).value_or(Role::viewer),
          q.text(3), q.integer(4), q.integer(5)};
}

}  // namespace

std::optional<Invitation> find_invitation(const Reader& reader, std::string_view tenant_id, std::string_view user_id,
                                          Micros now) {
  return first(reader.query("SELECT tenant_id, user_id, role, invited_by, created_at, expires_at FROM invitations "
                            "WHERE tenant_id = ?1 AND user_id = ?2 AND expires_at > ?3",
                            tenant_id, user_id, now),
               invitation_of);
}

std::vector<Invitation> list_invitations(const Reader& reader, std::string_view tenant_id, const PageMark& mark,
                                         int limit, Micros now) {
  return all(reader.query("SELECT tenant_id, user_id, role, invited_by, created_at, expires_at FROM invitations "
                          "WHERE tenant_id = ?1 AND (created_at, user_id) < (?2, ?3) AND expires_at > ?4 "
                          "ORDER BY created_at DESC, user_id DESC LIMIT ?5",
                          tenant_id, mark.at, mark.id, now, limit),
             invitation_of);
}

std::vector<Invitation> list_invitations_to(const Reader& reader, std::string_view user_id, Micros now) {
  return all(reader.query("SELECT tenant_id, user_id, role, invited_by, created_at, expires_at FROM invitations "
                          "WHERE user_id = ?1 AND expires_at > ?2 ORDER BY tenant_id",
                          user_id, now),
             invitation_of);
}

int count_invitations(const Reader& reader, std::string_view tenant_id, Micros now) {
  Query q = reader.query("SELECT count(*) FROM invitations WHERE tenant_id = ?1 AND expires_at > ?2", tenant_id, now);
  q.next();
  return static_cast<int>(q.integer(0));
}

void put_invitation(Tx& tx, const Invitation& invitation) {
  tx.run(
      "INSERT INTO invitations (tenant_id, user_id, role, invited_by, created_at, expires_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role, "
      "invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at",
      invitation.tenant_id, invitation.user_id, to_string(invitation.role), invitation.invited_by,
      invitation.created_at, invitation.expires_at);
}

void delete_invitation(Tx& tx, std::string_view tenant_id, std::string_view user_id) {
  tx.run("DELETE FROM invitations WHERE tenant_id = ?1 AND user_id = ?2", tenant_id, user_id);
}

void prune_invitations(Tx& tx, std::string_view tenant_id, Micros now) {
  tx.run("DELETE FROM invitations WHERE tenant_id = ?1 AND expires_at <= ?2", tenant_id, now);
}

}  // namespace nexus::store
