#include "store/identity.hpp"

#include "daemon/base/json.hpp"

namespace nexus::store {
using identity::Invitation;
using identity::kInvitation;
using identity::kMember;
using identity::kTenant;
using identity::kToken;
using identity::kUser;
using identity::Member;
using identity::Tenant;
using identity::Token;
using identity::User;

bool has_meta(const Reader& reader) { return reader.query("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").next(); }

std::optional<std::string> find_meta(const Reader& reader, std::string_view key) {
  return first(reader.query("SELECT value FROM meta WHERE key = ?1", key), only_text);
}

std::map<std::string, std::string> list_meta(const Reader& reader) {
  std::map<std::string, std::string> facts;
  Query q = reader.query("SELECT key, value FROM meta");
  while (q.next()) facts.emplace(q.text(0), q.text(1));
  return facts;
}

void put_meta(Tx& tx, std::string_view key, std::string_view value) {
  tx.run("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key,
         value);
}

void drop_meta(Tx& tx, std::string_view key) { tx.run("DELETE FROM meta WHERE key = ?1", key); }

std::vector<Tenant> list_tenants(const Reader& reader, const PageMark& mark, int limit,
                                 const std::optional<std::string>& member, const std::optional<std::string>& among) {
  static const std::string page =
      "AND (created_at, tenant_id) < (?2, ?3) AND (?4 IS NULL OR tenant_id IN (SELECT value FROM json_each(?4))) "
      "ORDER BY created_at DESC, tenant_id DESC LIMIT ?5";
  static const std::string of_all = select_rows_everywhere<kTenant>() + "WHERE ?1 IS NULL " + page;
  static const std::string of_member = select_rows_everywhere<kTenant>() +
                                       "WHERE tenant_id IN (SELECT tenant_id FROM memberships WHERE user_id = ?1) " +
                                       page;
  return all(reader.query(member ? of_member : of_all, member, mark.at, mark.id, among, limit), row_of<kTenant>);
}

std::vector<User> list_users(const Reader& reader, const PageMark& mark, int limit) {
  static const std::string text = select_rows_everywhere<kUser>() +
                                  "WHERE (created_at, user_id) < (?1, ?2) ORDER BY created_at DESC, user_id DESC "
                                  "LIMIT ?3";
  return all(reader.query(text, mark.at, mark.id, limit), row_of<kUser>);
}

std::vector<Member> list_members(const Reader& reader, std::string_view tenant_id, const PageMark& mark, int limit) {
  static const std::string text = select_rows_everywhere<kMember>() +
                                  "WHERE tenant_id = ?1 AND (since, user_id) < (?2, ?3) "
                                  "ORDER BY since DESC, user_id DESC LIMIT ?4";
  return all(reader.query(text, tenant_id, mark.at, mark.id, limit), row_of<kMember>);
}

std::vector<Member> list_memberships(const Reader& reader, std::string_view user_id) {
  static const std::string text = select_rows_everywhere<kMember>() + "WHERE user_id = ?1 ORDER BY tenant_id";
  return all(reader.query(text, user_id), row_of<kMember>);
}

void put_member(Tx& tx, const Member& member) {
  put_row<kMember>(tx, member);
  // The user's own invitation is used up. The user's invitations to others end if the new role may not make them.
  tx.run(
      "DELETE FROM invitations WHERE tenant_id = ?1 AND (user_id = ?2 OR (invited_by = ?2 "
      "AND (?3 NOT IN ('admin', 'owner') OR (role = 'owner' AND ?3 <> 'owner'))))",
      member.tenant_id, member.user_id, member.role);
}

void delete_member(Tx& tx, std::string_view tenant_id, std::string_view user_id) {
  tx.run("DELETE FROM memberships WHERE tenant_id = ?1 AND user_id = ?2", tenant_id, user_id);
}

int count_owners(const Reader& reader, std::string_view tenant_id) {
  return static_cast<int>(
      integer_of(reader.query("SELECT count(*) FROM memberships WHERE tenant_id = ?1 AND role = 'owner'", tenant_id)));
}

std::optional<Invitation> find_invitation(const Reader& reader, std::string_view tenant_id, std::string_view user_id,
                                          Micros now) {
  static const std::string text =
      select_rows_everywhere<kInvitation>() + "WHERE tenant_id = ?1 AND user_id = ?2 AND expires_at > ?3";
  return first(reader.query(text, tenant_id, user_id, now), row_of<kInvitation>);
}

std::vector<Invitation> list_invitations(const Reader& reader, std::string_view tenant_id, const PageMark& mark,
                                         int limit, Micros now) {
  static const std::string text = select_rows_everywhere<kInvitation>() +
                                  "WHERE tenant_id = ?1 AND (created_at, user_id) < (?2, ?3) AND expires_at > ?4 "
                                  "ORDER BY created_at DESC, user_id DESC LIMIT ?5";
  return all(reader.query(text, tenant_id, mark.at, mark.id, now, limit), row_of<kInvitation>);
}

std::vector<Invitation> list_invitations_to(const Reader& reader, std::string_view user_id, Micros now) {
  static const std::string text =
      select_rows_everywhere<kInvitation>() + "WHERE user_id = ?1 AND expires_at > ?2 ORDER BY tenant_id";
  return all(reader.query(text, user_id, now), row_of<kInvitation>);
}

int count_invitations(const Reader& reader, std::string_view tenant_id, Micros now) {
  return static_cast<int>(integer_of(
      reader.query("SELECT count(*) FROM invitations WHERE tenant_id = ?1 AND expires_at > ?2", tenant_id, now)));
}

void delete_invitation(Tx& tx, std::string_view tenant_id, std::string_view user_id) {
  tx.run("DELETE FROM invitations WHERE tenant_id = ?1 AND user_id = ?2", tenant_id, user_id);
}

void prune_invitations(Tx& tx, std::string_view tenant_id, Micros now) {
  tx.run("DELETE FROM invitations WHERE tenant_id = ?1 AND expires_at <= ?2", tenant_id, now);
}

namespace {

// kFiltered takes a TokenFilter as ?1 to ?5, kOfTenant TenantTokens as ?1 and ?2, and as ?3 alone(tenant_id).
const std::string kFiltered = select_rows_everywhere<kToken>() +
                              "WHERE (?1 IS NULL OR user_id = ?1) AND (?2 IS NULL OR actor_type = ?2) "
                              "AND (?3 IS NULL OR (tenants IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
                              "json_each(tenants) WHERE value NOT IN (SELECT value FROM json_each(?3))))) "
                              "AND (?4 IS NULL OR (envs IS NOT NULL AND NOT EXISTS (SELECT 1 FROM json_each(envs) "
                              "WHERE value NOT IN (SELECT value FROM json_each(?4))))) "
                              "AND (?5 IS NULL OR role IN (SELECT value FROM json_each(?5))) ";
const std::string kOfTenant = select_rows_everywhere<kToken>() +
                              "WHERE tenants = ?3 AND NOT EXISTS (SELECT 1 FROM memberships m WHERE "
                              "m.tenant_id = ?1 AND m.user_id = tokens.user_id "
                              "AND m.role IN (SELECT value FROM json_each(?2))) ";

/// As `tokens.tenants` says it of a token for one tenant.
std::string alone(std::string_view tenant_id) { return to_text(Json::array({tenant_id})); }

}  // namespace

std::optional<Token> find_token(const Reader& reader, std::string_view token_id, const TokenFilter& filter) {
  static const std::string text = kFiltered + "AND token_id = ?6";
  return first(
      reader.query(text, filter.user_id, filter.actor_type, filter.tenants, filter.envs, filter.roles, token_id),
      row_of<kToken>);
}

std::vector<Token> list_tokens(const Reader& reader, std::string_view before, int limit, const TokenFilter& filter) {
  static const std::string text =
      kFiltered + "AND token_id < " + from_newest("?6") + " ORDER BY token_id DESC LIMIT ?7";
  return all(
      reader.query(text, filter.user_id, filter.actor_type, filter.tenants, filter.envs, filter.roles, before, limit),
      row_of<kToken>);
}

std::optional<Token> find_token(const Reader& reader, std::string_view token_id, const TenantTokens& among) {
  static const std::string text = kOfTenant + "AND token_id = ?4";
  return first(reader.query(text, among.tenant_id, among.hidden, alone(among.tenant_id), token_id), row_of<kToken>);
}

std::vector<Token> list_tokens(const Reader& reader, std::string_view before, int limit, const TenantTokens& among) {
  static const std::string text =
      kOfTenant + "AND token_id < " + from_newest("?4") + " ORDER BY token_id DESC LIMIT ?5";
  return all(reader.query(text, among.tenant_id, among.hidden, alone(among.tenant_id), before, limit), row_of<kToken>);
}

void revoke_token(Tx& tx, std::string_view token_id, Micros at) {
  tx.run("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE token_id = ?1", token_id, at);
}

std::int64_t revoke_tokens_of(Tx& tx, std::string_view user_id, Micros at) {
  return tx.run("UPDATE tokens SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL", user_id, at);
}

void deny_token(Tx& tx, std::string_view token_id, Micros at, Micros until) {
  tx.run("INSERT INTO denied_tokens (token_id, denied_at, until) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", token_id,
         at, until);
}

bool has_tokens(const Reader& reader) { return reader.query("SELECT 1 FROM tokens LIMIT 1").next(); }

void touch_token(Tx& tx, std::string_view token_id, Micros at) {
  tx.run("UPDATE tokens SET last_used_at = ?2 WHERE token_id = ?1", token_id, at);
}

Bearer find_bearer(const Reader& reader, std::string_view user_id, std::string_view token_id) {
  Query q = reader.query(
      "SELECT u.user_id IS NOT NULL, t.token_id IS NOT NULL AND t.user_id = ?1, "
      "t.revoked_at IS NOT NULL OR d.token_id IS NOT NULL FROM (SELECT 1) AS one "
      "LEFT JOIN users u ON u.user_id = ?1 LEFT JOIN tokens t ON t.token_id = ?2 "
      "LEFT JOIN denied_tokens d ON d.token_id = ?2",
      user_id, token_id);
  q.next();
  return {q.boolean(0), q.boolean(1), q.boolean(2)};
}

std::optional<Standing> find_standing(const Reader& reader, std::string_view tenant_id, std::string_view user_id) {
  Query q = reader.query(
      "SELECT t.status, m.role FROM tenants t "
      "LEFT JOIN memberships m ON m.tenant_id = t.tenant_id AND m.user_id = ?2 WHERE t.tenant_id = ?1",
      tenant_id, user_id);
  if (!q.next()) return std::nullopt;
  return Standing{q.text(0), parse_role(q.text_view(1))};
}

}  // namespace nexus::store
