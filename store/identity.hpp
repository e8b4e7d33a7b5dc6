// Statements on tenants, users, memberships, invitations and tokens that are not derived from their tables
// (daemon/identity/models.hpp). daemon/guard and daemon/identity decide permissions. All functions may throw
// store::Error.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/identity/models.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

// ---- facts about the database itself ------------------------------------------------------------------------------
/// Whether the database has any metadata; false before the first start.
bool has_meta(const Reader& reader);
std::optional<std::string> find_meta(const Reader& reader, std::string_view key);
/// All of them, by key.
std::map<std::string, std::string> list_meta(const Reader& reader);
void put_meta(Tx& tx, std::string_view key, std::string_view value);
void drop_meta(Tx& tx, std::string_view key);

// ---- tenants, users, memberships -----------------------------------------------------------------------------------
/// Newest first, from behind `mark`. With `member`, only tenants of that user; with `among` (a JSON array of ids), only
/// these of them.
std::vector<identity::Tenant> list_tenants(const Reader& reader, const PageMark& mark, int limit,
                                           const std::optional<std::string>& member,
                                           const std::optional<std::string>& among);

std::vector<identity::User> list_users(const Reader& reader, const PageMark& mark, int limit);

inline std::optional<identity::Member> find_member(const Reader& reader, std::string_view tenant_id,
                                                   std::string_view user_id) {
  return find_row<identity::kMember>(reader, tenant_id, user_id);
}
std::vector<identity::Member> list_members(const Reader& reader, std::string_view tenant_id, const PageMark& mark,
                                           int limit);
std::vector<identity::Member> list_memberships(const Reader& reader, std::string_view user_id);
/// Inserts the member, or changes the role and keeps `since`. Ends the user's own invitation, and those invitations by
/// the user that the new role may not make.
void put_member(Tx& tx, const identity::Member& member);
/// Also ends the invitations that the user made.
void delete_member(Tx& tx, std::string_view tenant_id, std::string_view user_id);
int count_owners(const Reader& reader, std::string_view tenant_id);

// ---- invitations ---------------------------------------------------------------------------------------------------
// An invitation is open until it expires, is answered or withdrawn, or its inviter may no longer make it. put_member
// and delete_member enforce the last condition. Invitations that have expired at `now` are not found.
std::optional<identity::Invitation> find_invitation(const Reader& reader, std::string_view tenant_id,
                                                    std::string_view user_id, Micros now);
/// The invitations of a tenant, newest first, from behind `mark`.
std::vector<identity::Invitation> list_invitations(const Reader& reader, std::string_view tenant_id,
                                                   const PageMark& mark, int limit, Micros now);
/// The invitations to a user, in order of tenant.
std::vector<identity::Invitation> list_invitations_to(const Reader& reader, std::string_view user_id, Micros now);
int count_invitations(const Reader& reader, std::string_view tenant_id, Micros now);

void delete_invitation(Tx& tx, std::string_view tenant_id, std::string_view user_id);
/// Removes the invitations of a tenant that have expired at `now`.
void prune_invitations(Tx& tx, std::string_view tenant_id, Micros now);

// ---- tokens --------------------------------------------------------------------------------------------------------
/// A filter of tokens; an empty one matches all. Lists are JSON arrays, compared with those of the tokens.
struct TokenFilter {
  std::optional<std::string> user_id;
  std::optional<std::string> actor_type;
  std::optional<std::string> tenants, envs;  // only tokens for some of these and no others
  std::optional<std::string> roles;          // only tokens with one of these ceilings
};
/// find_token and list_tokens take the same filter, so that a token that is not listed is not found.
std::optional<identity::Token> find_token(const Reader& reader, std::string_view token_id, const TokenFilter& filter);
/// Newest first, from before `before` ("" for the start).
std::vector<identity::Token> list_tokens(const Reader& reader, std::string_view before, int limit,
                                         const TokenFilter& filter);

/// The tokens for one tenant and no other, except those of its members with one of the `hidden` roles (a JSON array).
struct TenantTokens {
  std::string tenant_id;
  std::string hidden;
};
std::optional<identity::Token> find_token(const Reader& reader, std::string_view token_id, const TenantTokens& among);
std::vector<identity::Token> list_tokens(const Reader& reader, std::string_view before, int limit,
                                         const TenantTokens& among);

void revoke_token(Tx& tx, std::string_view token_id, Micros at);
/// Returns how many were not revoked before.
std::int64_t revoke_tokens_of(Tx& tx, std::string_view user_id, Micros at);
/// Denies a token id of another issuer, until `until`.
void deny_token(Tx& tx, std::string_view token_id, Micros at, Micros until);
/// Whether any token was ever made in this installation.
bool has_tokens(const Reader& reader);
void touch_token(Tx& tx, std::string_view token_id, Micros at);

// ---- what the guard asks at every request --------------------------------------------------------------------------
/// What the store knows about a token's bearer. One statement, because every request needs it.
struct Bearer {
  bool user_exists = false;
  bool token_known = false;
  bool token_revoked = false;
};
Bearer find_bearer(const Reader& reader, std::string_view user_id, std::string_view token_id);

/// A tenant's status and one user's role in it; nothing if the tenant does not exist.
struct Standing {
  std::string status;
  std::optional<Role> role;
};
std::optional<Standing> find_standing(const Reader& reader, std::string_view tenant_id, std::string_view user_id);

}  // namespace nexus::store
