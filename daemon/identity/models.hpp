// Tenants, users, members, invitations and tokens, each declared once in a table.
#pragma once
#include "daemon/base/ids.hpp"
#include "daemon/identity/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::identity {

inline constexpr std::string_view kTenantStatuses[] = {"active", "disabled", "suspended"};
inline constexpr std::string_view kMemberStatuses[] = {"active", "invited"};
inline constexpr std::string_view kRoles[] = {"viewer", "member", "admin", "owner"};
inline constexpr std::string_view kActorTypes[] = {"human", "agent"};

inline constexpr std::string_view kTenantPattern = "^t_[a-z0-9_-]{1,62}$";
/// `t_unknown` matches too: it is refused by name.
inline constexpr model::Form kTenantId{kTenantPattern, "must match ^t_[a-z0-9_-]{1,62}$", [](std::string_view text) {
                                         return text == "t_unknown" || TenantId::parse(text).has_value();
                                       }};
inline constexpr model::Form kTenantIds{kTenantPattern, "must hold tenant ids: ^t_[a-z0-9_-]{1,62}$",
                                        [](std::string_view text) { return TenantId::parse(text).has_value(); }};
inline constexpr model::Form kUserId{"^u_[a-z0-9_-]{1,62}$", "must match ^u_[a-z0-9_-]{1,62}$",
                                     [](std::string_view text) { return UserId::parse(text).has_value(); }};
inline constexpr model::Form kEnvNames{"", "must hold dev, staging or prod",
                                       [](std::string_view text) { return parse_env(text).has_value(); }};
inline bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && text.find_first_of(" \t\r\n") == std::string_view::npos;
}
inline constexpr model::Form kEmail{"^[!-?A-~]+@[!-?A-~]+$", "must be an address with one @", is_email};

struct Tenant {
  std::string tenant_id;
  std::string name;
  std::string status = "active";
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr auto kTenantName = model::field(
    "name", &Tenant::name, {.max = 200, .required = true, .null_is_absent = true, .help = "its name for people"});
inline constexpr model::Table kTenant{
    "Tenant", "tenants",
    std::array{model::key(model::field("tenant_id", &Tenant::tenant_id,
                                       {.max = 64, .form = &kTenantId, .required = true, .null_is_absent = true})),
               kTenantName, model::made("status", &Tenant::status, {.choices = kTenantStatuses}),
               model::made_time("created_at", &Tenant::created_at, {.fixed = true}),
               model::made("created_by", &Tenant::created_by, {.fixed = true})}};
/// The fields that a PATCH may send.
inline constexpr model::Table kTenantChange{
    "Tenant", "tenants",
    std::array{kTenantName,
               model::field("status", &Tenant::status, {.choices = kTenantStatuses, .null_is_absent = true})}};

struct User {
  std::string user_id;
  std::optional<std::string> email;  // case-folded
  std::optional<std::string> display_name;
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr model::Table kUser{
    "User", "users",
    std::array{model::key(model::field("user_id", &User::user_id,
                                       {.max = 64, .form = &kUserId, .name = NameForm::name, .null_is_absent = true})),
               model::field("email", &User::email,
                            {.min = 3,
                             .max = limits::email_bytes_max,
                             .form = &kEmail,
                             .help = "an address with one @, unique among users; letters beyond ASCII are taken too"}),
               model::field("display_name", &User::display_name, {.max = 200, .help = "for people"}),
               model::made_time("created_at", &User::created_at, {.fixed = true}),
               model::made("created_by", &User::created_by, {.fixed = true})}};

/// The rank that a stored text names.
inline Role rank_of(const std::string& role) { return parse_role(role).value_or(Role::viewer); }

struct Member {
  std::string tenant_id;
  std::string user_id;
  std::string role;
  Micros since = 0;
  std::string status = "active";

  Role rank() const { return rank_of(role); }
};

inline constexpr model::Table kMember{
    "Member", "memberships",
    std::array{model::tenant(&Member::tenant_id), model::id("user_id", &Member::user_id),
               model::field("role", &Member::role, {.choices = kRoles, .required = true, .null_is_absent = true}),
               model::made_time("since", &Member::since, {.fixed = true}), model::computed("status", &Member::status)}};

struct Invitation {
  std::string tenant_id;
  std::string user_id;  // the user may not exist
  std::string role;
  std::string invited_by;
  Micros created_at = 0;
  Micros expires_at = 0;
  std::string status = "invited";
  std::optional<Micros> since = {};  // an invited user is not a member yet

  Role rank() const { return rank_of(role); }
};

inline constexpr model::Table kInvitation{
    "Invitation", "invitations",
    std::array{model::tenant(&Invitation::tenant_id), model::id("user_id", &Invitation::user_id),
               model::made("role", &Invitation::role, {.choices = kRoles}),
               model::made("invited_by", &Invitation::invited_by, {.help = "while invited"}),
               model::hidden("created_at", &Invitation::created_at),
               model::made_time("expires_at", &Invitation::expires_at),
               model::computed("status", &Invitation::status, {.choices = kMemberStatuses}),
               model::computed(model::time_field("since", &Invitation::since))}};

struct Token {
  std::string token_id;
  std::string user_id;
  std::optional<std::string> name;
  std::string actor_type;
  std::optional<std::vector<std::string>> tenants;  // nothing: not narrowed
  std::optional<std::vector<std::string>> envs;
  std::optional<std::string> role;  // at most
  Micros created_at = 0;
  std::string created_by;
  Micros expires_at = 0;
  std::optional<Micros> revoked_at;
  std::optional<Micros> last_used_at;
  std::optional<std::int64_t> ttl_seconds;  // asked for
};

inline constexpr std::int64_t kTokenLifeMax = std::chrono::seconds(limits::token_lifetime_max).count();
inline constexpr model::Table kToken{
    "Token", "tokens",
    std::array{model::id("token_id", &Token::token_id),
               model::field("user_id", &Token::user_id,
                            {.max = 64,
                             .form = &kUserId,
                             .name = NameForm::name,
                             .null_is_absent = true,
                             .help = "whose; required of the system token"}),
               model::field("name", &Token::name, {.max = 200}),
               model::field("actor_type", &Token::actor_type, {.choices = kActorTypes, .null_is_absent = true}),
               model::field("tenants", &Token::tenants, {.max = 64, .count = 100, .form = &kTenantIds}),
               model::field("envs", &Token::envs, {.max = 16, .count = 3, .choices = model::kEnvs, .form = &kEnvNames}),
               model::field("role", &Token::role, {.choices = kRoles}),
               model::made_time("created_at", &Token::created_at), model::made("created_by", &Token::created_by),
               model::made_time("expires_at", &Token::expires_at), model::made_time("revoked_at", &Token::revoked_at),
               model::made_time("last_used_at", &Token::last_used_at),
               model::asked(model::field("ttl_seconds", &Token::ttl_seconds, {.least = 1, .most = kTokenLifeMax}))}};

}  // namespace nexus::identity
