// Tenants, users, memberships, invitations and tokens as rows: what their tables (daemon/identity/models.hpp) do not
// give. Who may do what with them is decided above (daemon/guard, daemon/identity); here is only what there is. All
// functions may throw store::Error.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/identity/models.hpp"
#include "store/model_rows.hpp"
#include "store/page_mark.hpp"

namespace nexus::store {

// ---- facts about the database itself ------------------------------------------------------------------------------
/// Whether it has any: not before the first start.
bool has_meta(const Reader& reader);
std::optional<std::string> find_meta(const Reader& reader, std::string_view key);
void put_meta(Tx& tx, std::string_view key, std::string_view value);

// ---- tenants, users, memberships -----------------------------------------------------------------------------------
/// Newest first, from behind `mark`; with `member`, only tenants of that user, and of these only `among` (a JSON array
/// of ids), if given.
std::vector<identity::Tenant> list_tenants(const Reader& reader, const PageMark& mark, int limit,
                                           const std::optional<std::string>& member,
                                           const std::optional<std::string>& among);

std::vector<identity::User> list_users(const Reader& reader, const PageMark& mark, int limit);

std::optional<identity::Member> find_member(const Reader& reader, std::string_view tenant_id, std::string_view user_id);
std::vector<identity::Member> list_members(const Reader& reader, std::string_view tenant_id, const PageMark& mark,
                                           int limit);
std::vector<identity::Member> list_memberships(const Reader& reader, std::string_view user_id);
/// Inserts, or changes the role and keeps `since`. Ends his invitation, and those he made that are above his new rank.
void put_member(Tx& tx, const identity::Member& member);
/// The invitations that he made end too.
void delete_member(Tx& tx, std::string_view tenant_id, std::string_view user_id);
int count_owners(const Reader& reader, std::string_view tenant_id);

// ---- invitations ---------------------------------------------------------------------------------------------------
// One is open until it expires, is answered or withdrawn, or its inviter may not make it any more; the last two are
// kept by put_member and delete_member. What has expired at `now` is not there.
std::optional<identity::Invitation> find_invitation(const Reader& reader, std::string_view tenant_id,
                                                    std::string_view user_id, Micros now);
/// Of a tenant, newest first, from behind `mark`.
std::vector<identity::Invitation> list_invitations(const Reader& reader, std::string_view tenant_id,
                                                   const PageMark& mark, int limit, Micros now);
/// Of a user, in order of tenant.
std::vector<identity::Invitation> list_invitations_to(const Reader& reader, std::string_view user_id, Micros now);
int count_invitations(const Reader& reader, std::string_view tenant_id, Micros now);

void delete_invitation(Tx& tx, std::string_view tenant_id, std::string_view user_id);
/// Removes those of a tenant that have expired at `now`.
void prune_invitations(Tx& tx, std::string_view tenant_id, Micros now);

// ---- tokens --------------------------------------------------------------------------------------------------------
/// Which tokens are meant; nothing set: all. Lists are JSON arrays, held against those of the tokens.
struct TokenFilter {
  std::optional<std::string> user_id;
  std::optional<std::string> actor_type;
  std::optional<std::string> tenants, envs;  // only tokens for some of these and no others
  std::optional<std::string> roles;          // only tokens with one of these ceilings
};
/// A list and a look at one take the same filter: what is not listed is not found.
std::optional<identity::Token> find_token(const Reader& reader, std::string_view token_id, const TokenFilter& filter);
/// Newest first, from before `before` ("" for the start).
std::vector<identity::Token> list_tokens(const Reader& reader, std::string_view before, int limit,
                                         const TokenFilter& filter);

/// The tokens that are for one tenant and for no other, but those of members with one of the `hidden` roles there (a
/// JSON array).
struct TenantTokens {
  std::string tenant_id;
  std::string hidden;
};
std::optional<identity::Token> find_token(const Reader& reader, std::string_view token_id, const TenantTokens& among);
std::vector<identity::Token> list_tokens(const Reader& reader, std::string_view before, int limit,
                                         const TenantTokens& among);

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
