#include "store/identity.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

Tenant tenant_of(const Query& q) { return {q.text(0), q.text(1), q.text(2), q.integer(3), q.text(4)}; }

User user_of(const Query& q) { return {q.text(0), q.optional_text(1), q.optional_text(2), q.integer(3), q.text(4)}; }

Member member_of(const Query& q) {
  return {q.text(0), q.text(1), parse_role(q.text_view(2)).value_or(Role::viewer), q.integer(3)};
}

Token token_of(const Query& q) {
  return {.token_id = q.text(0),
          .user_id = q.text(1),
          .name = q.optional_text(2),
          .actor_type = q.text(3),
          .tenants = q.optional_text(4),
          .envs = q.optional_text(5),
          .role = q.optional_text(6),
          .created_at = q.integer(7),
          .created_by = q.text(8),
          .expires_at = q.integer(9),
          .revoked_at = q.optional_integer(10),
          .last_used_at = q.optional_integer(11)};
}

}  // namespace

bool has_meta(const Reader& reader) { return reader.query("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").next(); }

std::optional<std::string> find_meta(const Reader& reader, std::string_view key) {
  Query q = reader.query("SELECT value FROM meta WHERE key = ?1", key);
  if (!q.next()) return std::nullopt;
  return q.text(0);
}

void put_meta(Tx& tx, std::string_view key, std::string_view value) {
  tx.run("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key,
         value);
}

std::optional<Tenant> find_tenant(const Reader& reader, std::string_view tenant_id) {
  return first(reader.query("SELECT tenant_id, name, status, created_at, created_by FROM tenants WHERE tenant_id = ?1",
                            tenant_id),
               tenant_of);
}

std::vector<Tenant> list_tenants(const Reader& reader, const PageMark& mark, int limit,
                                 const std::optional<std::string>& member, const std::optional<std::string>& among) {
  if (!member)
    return all(
        reader.query("SELECT tenant_id, name, status, created_at, created_by FROM tenants "
                     "WHERE (created_at, tenant_id) < (?1, ?2) ORDER BY created_at DESC, tenant_id DESC LIMIT ?3",
                     mark.at, mark.id, limit),
        tenant_of);
  return all(reader.query("SELECT t.tenant_id, t.name, t.status, t.created_at, t.created_by "
                          "FROM memberships m JOIN tenants t ON t.tenant_id = m.tenant_id "
                          "WHERE m.user_id = ?1 AND (t.created_at, t.tenant_id) < (?2, ?3) "
                          "AND (?4 IS NULL OR t.tenant_id IN (SELECT value FROM json_each(?4))) "
                          "ORDER BY t.created_at DESC, t.tenant_id DESC LIMIT ?5",
                          *member, mark.at, mark.id, among, limit),
             tenant_of);
}

void insert_tenant(Tx& tx, const Tenant& tenant) {
  tx.run("INSERT INTO tenants (tenant_id, name, status, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5)",
         tenant.tenant_id, tenant.name, tenant.status, tenant.created_at, tenant.created_by);
}

void update_tenant(Tx& tx, const Tenant& tenant) {
  tx.run("UPDATE tenants SET name = ?2, status = ?3 WHERE tenant_id = ?1", tenant.tenant_id, tenant.name,
         tenant.status);
}

std::optional<User> find_user(const Reader& reader, std::string_view user_id) {
  return first(reader.query("SELECT user_id, email, display_name, created_at, created_by FROM users WHERE user_id = ?1",
                            user_id),
               user_of);
}

std::vector<User> list_users(const Reader& reader, const PageMark& mark, int limit) {
  return all(reader.query("SELECT user_id, email, display_name, created_at, created_by FROM users "
                          "WHERE (created_at, user_id) < (?1, ?2) ORDER BY created_at DESC, user_id DESC LIMIT ?3",
                          mark.at, mark.id, limit),
             user_of);
}

void insert_user(Tx& tx, const User& user) {
  tx.run("INSERT INTO users (user_id, email, display_name, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5)",
         user.user_id, user.email, user.display_name, user.created_at, user.created_by);
}

std::optional<Member> find_member(const Reader& reader, std::string_view tenant_id, std::string_view user_id) {
  return first(reader.query("SELECT tenant_id, user_id, role, since FROM memberships "
                            "WHERE tenant_id = ?1 AND user_id = ?2",
                            tenant_id, user_id),
               member_of);
}

std::vector<Member> list_members(const Reader& reader, std::string_view tenant_id, const PageMark& mark, int limit) {
  return all(reader.query("SELECT tenant_id, user_id, role, since FROM memberships "
                          "WHERE tenant_id = ?1 AND (since, user_id) < (?2, ?3) "
                          "ORDER BY since DESC, user_id DESC LIMIT ?4",
                          tenant_id, mark.at, mark.id, limit),
             member_of);
}

std::vector<Member> list_memberships(const Reader& reader, std::string_view user_id) {
  return all(reader.query("SELECT tenant_id, user_id, role, since FROM memberships "
                          "WHERE user_id = ?1 ORDER BY tenant_id",
                          user_id),
             member_of);
}

void put_member(Tx& tx, const Member& member) {
  tx.run(
      "INSERT INTO memberships (tenant_id, user_id, role, since) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role",
      member.tenant_id, member.user_id, to_string(member.role), member.since);
  // What invites him has done its work; what he offered others ends where he may not offer it any more.
  tx.run(
      "DELETE FROM invitations WHERE tenant_id = ?1 AND (user_id = ?2 OR (invited_by = ?2 "
      "AND (?3 NOT IN ('admin', 'owner') OR (role = 'owner' AND ?3 <> 'owner'))))",
      member.tenant_id, member.user_id, to_string(member.role));
}

void delete_member(Tx& tx, std::string_view tenant_id, std::string_view user_id) {
  tx.run("DELETE FROM memberships WHERE tenant_id = ?1 AND user_id = ?2", tenant_id, user_id);
}

int count_owners(const Reader& reader, std::string_view tenant_id) {
  Query q = reader.query("SELECT count(*) FROM memberships WHERE tenant_id = ?1 AND role = 'owner'", tenant_id);
  q.next();
  return static_cast<int>(q.integer(0));
}

#define NEXUS_TOKEN_COLUMNS                                                                                    \
  "token_id, user_id, name, actor_type, tenants, envs, role, created_at, created_by, expires_at, revoked_at, " \
  "last_used_at"

// A TokenFilter as ?1 to ?5, and TenantTokens as ?1 to ?3.
#define NEXUS_TOKEN_FILTER                                                                    \
  "(?1 IS NULL OR user_id = ?1) AND (?2 IS NULL OR actor_type = ?2) "                         \
  "AND (?3 IS NULL OR (tenants IS NOT NULL AND NOT EXISTS (SELECT 1 FROM json_each(tenants) " \
  "WHERE value NOT IN (SELECT value FROM json_each(?3))))) "                                  \
  "AND (?4 IS NULL OR (envs IS NOT NULL AND NOT EXISTS (SELECT 1 FROM json_each(envs) "       \
  "WHERE value NOT IN (SELECT value FROM json_each(?4))))) "                                  \
  "AND (?5 IS NULL OR role IN (SELECT value FROM json_each(?5)))"
#define NEXUS_TENANT_TOKENS                                                                      \
  "tenants = json_array(?1) AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.tenant_id = ?1 " \
  "AND m.user_id = tokens.user_id AND m.role IN (SELECT value FROM json_each(?2)))"

std::optional<Token> find_token(const Reader& reader, std::string_view token_id, const TokenFilter& filter) {
  return first(reader.query("SELECT " NEXUS_TOKEN_COLUMNS " FROM tokens WHERE token_id = ?6 AND " NEXUS_TOKEN_FILTER,
                            filter.user_id, filter.actor_type, filter.tenants, filter.envs, filter.roles, token_id),
               token_of);
}

std::vector<Token> list_tokens(const Reader& reader, std::string_view before, int limit, const TokenFilter& filter) {
  return all(reader.query("SELECT " NEXUS_TOKEN_COLUMNS " FROM tokens WHERE (?6 = '' OR token_id < ?6) "
                          "AND " NEXUS_TOKEN_FILTER " ORDER BY token_id DESC LIMIT ?7",
                          filter.user_id, filter.actor_type, filter.tenants, filter.envs, filter.roles, before, limit),
             token_of);
}

std::optional<Token> find_token(const Reader& reader, std::string_view token_id, const TenantTokens& among) {
  return first(reader.query("SELECT " NEXUS_TOKEN_COLUMNS " FROM tokens WHERE token_id = ?3 AND " NEXUS_TENANT_TOKENS,
                            among.tenant_id, among.hidden, token_id),
               token_of);
}

std::vector<Token> list_tokens(const Reader& reader, std::string_view before, int limit, const TenantTokens& among) {
  return all(reader.query("SELECT " NEXUS_TOKEN_COLUMNS " FROM tokens WHERE (?3 = '' OR token_id < ?3) "
                          "AND " NEXUS_TENANT_TOKENS " ORDER BY token_id DESC LIMIT ?4",
                          among.tenant_id, among.hidden, before, limit),
             token_of);
}

void insert_token(Tx& tx, const Token& token) {
  tx.run(
      "INSERT INTO tokens (token_id, user_id, name, actor_type, tenants, envs, role, created_at, created_by, "
      "expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      token.token_id, token.user_id, token.name, token.actor_type, token.tenants, token.envs, token.role,
      token.created_at, token.created_by, token.expires_at);
}

#undef NEXUS_TENANT_TOKENS
#undef NEXUS_TOKEN_FILTER
#undef NEXUS_TOKEN_COLUMNS

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
