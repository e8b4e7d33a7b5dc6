// Tenants, users, memberships and tokens as rows. Who may do what with them is decided above (daemon/guard,
// daemon/identity); here is only what there is. All functions may throw store::Error.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "store/page_mark.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

// ---- facts about the database itself ------------------------------------------------------------------------------
/// Whether it has any: not before the first start.
bool has_meta(const Reader& reader);
std::optional<std::string> find_meta(const Reader& reader, std::string_view key);
void put_meta(Tx& tx, std::string_view key, std::string_view value);

// ---- tenants --------------------------------------------------------------------------------------------------------
struct Tenant {
  std::string tenant_id;
  std::string name;
  std::string status;  // active | disabled | suspended
  Micros created_at = 0;
  std::string created_by;
};

std::optional<Tenant> find_tenant(const Reader& reader, std::string_view tenant_id);
/// Newest first, from behind `mark`; with `member`, only tenants of that user, and of these only `among` (a JSON array
/// of ids), if given.
std::vector<Tenant> list_tenants(const Reader& reader, const PageMark& mark, int limit,
                                 const std::optional<std::string>& member, const std::optional<std::string>& among);
/// A unique violation means that it exists.
void insert_tenant(Tx& tx, const Tenant& tenant);
void update_tenant(Tx& tx, const Tenant& tenant);

// ---- users ----------------------------------------------------------------------------------------------------------
struct User {
  std::string user_id;
  std::optional<std::string> email;
  std::optional<std::string> display_name;
  Micros created_at = 0;
  std::string created_by;
};

std::optional<User> find_user(const Reader& reader, std::string_view user_id);
std::vector<User> list_users(const Reader& reader, const PageMark& mark, int limit);
void insert_user(Tx& tx, const User& user);

// ---- memberships ---------------------------------------------------------------------------------------------------
struct Member {
  std::string tenant_id;
  std::string user_id;
  Role role = Role::viewer;
  Micros since = 0;
};

std::optional<Member> find_member(const Reader& reader, std::string_view tenant_id, std::string_view user_id);
std::vector<Member> list_members(const Reader& reader, std::string_view tenant_id, const PageMark& mark, int limit);
std::vector<Member> list_memberships(const Reader& reader, std::string_view user_id);
/// Inserts, or changes the role and keeps `since`. Ends his invitation, and those he made that are above his new rank.
void put_member(Tx& tx, const Member& member);
/// The invitations that he made end too.
void delete_member(Tx& tx, std::string_view tenant_id, std::string_view user_id);
int count_owners(const Reader& reader, std::string_view tenant_id);

// ---- tokens --------------------------------------------------------------------------------------------------------
struct Token {
  std::string token_id;
  std::string user_id;
  std::optional<std::string> name;
  std::string actor_type;
  std::optional<std::string> tenants;  // JSON array
  std::optional<std::string> envs;     // JSON array
  std::optional<std::string> role;
  Micros created_at = 0;
  std::string created_by;
  Micros expires_at = 0;
  std::optional<Micros> revoked_at;
  std::optional<Micros> last_used_at;
};

/// Which tokens are meant; nothing set: all. Lists are JSON arrays, held against those of the tokens.
struct TokenFilter {
  std::optional<std::string> user_id;
  std::optional<std::string> actor_type;
  std::optional<std::string> tenants, envs;  // only tokens for some of these and no others
  std::optional<std::string> roles;          // only tokens with one of these ceilings
};
/// A list and a look at one take the same filter: what is not listed is not found.
std::optional<Token> find_token(const Reader& reader, std::string_view token_id, const TokenFilter& filter);
/// Newest first, from before `before` ("" for the start).
std::vector<Token> list_tokens(const Reader& reader, std::string_view before, int limit, const TokenFilter& filter);

/// The tokens that are for one tenant and for no other, but those of members with one of the `hidden` roles there (a
/// JSON array).
struct TenantTokens {
  std::string tenant_id;
  std::string hidden;
};
std::optional<Token> find_token(const Reader& reader, std::string_view token_id, const TenantTokens& among);
std::vector<Token> list_tokens(const Reader& reader, std::string_view before, int limit, const TenantTokens& among);

void insert_token(Tx& tx, const Token& token);
void revoke_token(Tx& tx, std::string_view token_id, Micros at);
/// Answers how many were not revoked before.
std::int64_t revoke_tokens_of(Tx& tx, std::string_view user_id, Micros at);
/// Denies a token id that another issuer made, until `until`.
void deny_token(Tx& tx, std::string_view token_id, Micros at, Micros until);
void touch_token(Tx& tx, std::string_view token_id, Micros at);

// ---- what the guard asks at every request --------------------------------------------------------------------------
/// What the store knows of a token's bearer. One statement: it stands in the way of every request.
struct Bearer {
  bool user_exists = false;
  bool token_known = false;
  bool token_revoked = false;
};
Bearer find_bearer(const Reader& reader, std::string_view user_id, std::string_view token_id);

/// A tenant's status and one user's role in it; nothing where the tenant does not exist.
struct Standing {
  std::string status;
  std::optional<Role> role;
};
std::optional<Standing> find_standing(const Reader& reader, std::string_view tenant_id, std::string_view user_id);

}  // namespace nexus::store
