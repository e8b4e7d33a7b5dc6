#include "daemon/guard/guard.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/limits.hpp"

namespace nexus {
namespace {

constexpr std::string_view kRootPrefix = "nxr_";

/// The text after `Bearer ` (RFC 6750 section 2.1).
std::string_view bearer_token(const RequestHead& head) {
  const std::string* value = head.find("authorization");
  if (value == nullptr) throw Problem(problems::auth_missing_token, "send the header Authorization: Bearer <token>");
  const std::string_view text = *value;
  if (text.size() < 8 || !iequals_ascii(text.substr(0, 7), "bearer "))
    throw Problem(problems::auth_invalid_token, "the Authorization header is not: Bearer <token>");
  return trim_ascii(text.substr(7));
}

TenantId tenant_of(std::string_view text) {
  const auto tenant = TenantId::parse(text);
  if (!tenant) throw Problem(problems::context_invalid_tenant, "a tenant id looks like t_acme: ^t_[a-z0-9_-]{1,62}$");
  return *tenant;
}

Env env_of(std::string_view text) {
  const auto env = parse_env(text);
  if (!env) throw Problem(problems::context_invalid_env, "X-Env is dev, staging or prod");
  return *env;
}

void take_reason(const RequestHead& head, Caller& caller) {
  const std::string* reason = head.find("x-reason");
  const bool fits = reason != nullptr && is_utf8(*reason) && code_points(*reason) >= 1 &&
                    code_points(*reason) <= limits::reason_chars_max;
  if (!fits)
    throw Problem(problems::request_reason_required,
                  "the system token says why: X-Reason, 1 to 500 characters (nexusctl: --reason TEXT)");
  caller.reason = *reason;
}

bool allows(const std::optional<std::set<std::string>>& narrowed, std::string_view name) {
  return !narrowed || narrowed->contains(std::string(name));
}

/// The query's `ticket`, unescaped: a valid one needs no escapes. Two tickets are invalid.
std::optional<std::string_view> ticket_of(std::string_view query) {
  constexpr std::string_view name = "ticket=";
  std::optional<std::string_view> ticket;
  for (const auto pair : split(query, '&'))
    if (pair.starts_with(name)) ticket = ticket ? std::string_view{} : pair.substr(name.size());
  return ticket;
}

/// Tenant and env are the ticket's. Header fields, if sent too, must agree.
void agree_with_ticket(const RequestHead& head, const Caller& caller) {
  const std::string* tenant = head.find("x-tenant-id");
  const std::string* env = head.find("x-env");
  if (tenant != nullptr && tenant_of(*tenant) != caller.tenant())
    throw Problem(problems::context_mismatch, "X-Tenant-Id differs from the ticket's tenant");
  if (env != nullptr && env_of(*env) != caller.env())
    throw Problem(problems::context_mismatch, "X-Env differs from the ticket's env");
}

/// Judges a mutation in a suspended tenant.
void judge_direction(Direction direction, Caller& caller) {
  switch (direction) {
    case Direction::tightens:
    case Direction::none:
      return;
    case Direction::told:
      caller.suspended = true;  // Write::tightens decides once the request is read
      return;
    case Direction::open:
    case Direction::either:
      Guard::refuse_suspended();
  }
}

/// Judges by the token alone, so that the refusal reveals nothing of the tenant. Without X-Env, the env is prod.
void judge_narrowing(const Caller& caller) {
  const std::string_view env = to_string(caller.standing_env());
  if (!allows(caller.scope.tenants, caller.tenant().str()))
    throw Problem(problems::auth_not_a_member, "the token is narrowed to other tenants: use a wider one");
  if (!allows(caller.scope.envs, env))
    throw Problem(problems::auth_not_a_member,
                  "this stands in env " + std::string(env) + ", and the token is narrowed to others: use a wider one");
}

/// Says whether the user or only the token is too low.
[[noreturn]] void refuse_role(Role own, Role needed) {
  const std::string detail = "this needs the role " + std::string(to_string(needed)) + " in the tenant";
  throw Problem(problems::auth_insufficient_role,
                own < needed ? detail + ": yours is " + std::string(to_string(own)) + ", and whoever has it may do it"
                             : detail + ", and the token is narrowed to a lower one: use a wider one");
}

}  // namespace

void Guard::admit(const store::Reader& reader, const RequestHead& head, const Demand& demand,
                  std::string_view path_tenant, Caller& caller, std::optional<tickets::Found>& ticket) const {
  if (demand.access == Access::open || demand.access == Access::presigned) return;
  const AdmissionFacts known(reader);
  const auto ticket_text = demand.streams ? ticket_of(head.query()) : std::nullopt;
  if (ticket_text) {
    const auto by_header = identity_beside_ticket(known, head);
    ticket = tickets::find(reader, *ticket_text, head.path(), now_micros());
    enter_with(known, by_header, ticket->maker, caller);
    agree_with_ticket(head, caller);
  } else {
    authenticate(known, head, caller);
    enter_tenant(head, demand, path_tenant, caller);
  }
  if (const std::string* user = head.find("x-user-id"); user != nullptr && *user != caller.user_id)
    throw Problem(problems::context_user_mismatch, "X-User-Id must be the token's user, or be left out");
  judge_standing(known, demand, caller);
  if (demand.wants_reason) take_reason(head, caller);
}

Caller Guard::recheck(const store::Reader& reader, const Demand& demand, const Caller& caller) const {
  const AdmissionFacts known(reader);
  Caller again = caller;
  judge_key(caller);
  if (!caller.is_system()) judge_bearer(known, caller, true);
  judge_standing(known, demand, again);
  return again;
}

void Guard::require_system(const RequestHead& head) const {
  const std::string_view token = bearer_token(head);
  if (token.starts_with(kRootPrefix)) return static_cast<void>(judge_root(token));
  bearers_.verify(token, now_micros());  // an invalid token gets its own refusal
  throw Problem(problems::auth_insufficient_role, "this needs the system token");
}

std::string Guard::judge_root(std::string_view token) const {
  std::string digest = sha256_hex(token);
  if (!constant_time_equal(digest, bearers_.keys()->root_sha256()))
    throw Problem(problems::auth_invalid_token, "the system token is not the one of this daemon");
  return digest;
}

/// Judges the key again: it may be retired, or the system token replaced, while the daemon runs.
void Guard::judge_key(const Caller& caller) const {
  if (!bearers_.keys()->stands(caller.vouched_by))
    throw Problem(problems::auth_invalid_token, "the key of this token was retired, or the system token replaced");
}

void Guard::authenticate(const AdmissionFacts& known, const RequestHead& head, Caller& caller) const {
  const std::string_view token = bearer_token(head);
  if (token.starts_with(kRootPrefix)) {
    static_cast<Identity&>(caller) = {"system", "system", "root", judge_root(token), {}};
    caller.role = Role::system;
    return;
  }
  Claims claims = bearers_.verify(token, now_micros());
  static_cast<Identity&>(caller) = std::move(claims);
  judge_bearer(known, caller, claims.shared);
}

/// The identity of an Authorization header that came beside a ticket.
std::optional<Identity> Guard::identity_beside_ticket(const AdmissionFacts& known, const RequestHead& head) const {
  if (head.find("authorization") == nullptr) return std::nullopt;
  Caller by_header;
  authenticate(known, head, by_header);
  return by_header;
}

void Guard::enter_with(const AdmissionFacts& known, const std::optional<Identity>& by_header, const Caller& maker,
                       Caller& caller) const {
  if (by_header && (by_header->user_id != maker.user_id || by_header->token_id != maker.token_id))
    throw Problem(problems::auth_invalid_ticket, "the Authorization header holds another token than the ticket's");
  static_cast<Identity&>(caller) = maker;
  judge_key(caller);
  caller.tenant_id = maker.tenant_id;
  caller.env_id = maker.env_id;
  caller.reason = maker.reason;
  if (maker.is_system())
    caller.role = Role::system;
  else
    judge_bearer(known, caller, true);  // the token was known when the ticket was made
}

void Guard::judge_bearer(const AdmissionFacts& known, const Caller& caller, bool shared) const {
  judge_expiry(caller.scope, now_micros());
  const store::Bearer bearer = known.bearer(caller.user_id, caller.token_id);
  if (bearer.token_revoked)
    throw Problem(problems::auth_token_revoked, "the token was revoked: ask whoever gave it to you for a new one");
  if (!bearer.user_exists || (!bearer.token_known && !shared))
    throw Problem(problems::auth_invalid_token, "the token names a user or a token id that is not known here");
}

void Guard::enter_tenant(const RequestHead& head, const Demand& demand, std::string_view path_tenant,
                         Caller& caller) const {
  if (demand.scope == Scope::none) return;
  const std::string* tenant = head.find("x-tenant-id");
  const std::string* env = head.find("x-env");
  if (demand.scope == Scope::path) {
    caller.tenant_id = tenant_of(path_tenant);
    if (tenant != nullptr && tenant_of(*tenant) != *caller.tenant_id)
      throw Problem(problems::context_mismatch, "X-Tenant-Id differs from the tenant of the path");
    if (env != nullptr) env_of(*env);
    return;
  }
  if (tenant == nullptr || tenant->empty())
    throw Problem(problems::context_missing_tenant, "send the header X-Tenant-Id: t_…");
  caller.tenant_id = tenant_of(*tenant);
  if (env == nullptr || env->empty()) throw Problem(problems::context_missing_env, "send the header X-Env: dev");
  caller.env_id = env_of(*env);
  if (caller.is_system() && !caller.tenant_id->is_system()) take_reason(head, caller);
}

void Guard::judge_standing(const AdmissionFacts& known, const Demand& demand, Caller& caller) const {
  if (demand.scope == Scope::none) {
    if (demand.access == Access::system && !caller.is_system())
      throw Problem(problems::auth_insufficient_role, "this needs the system token (root.token in the data directory)");
    return;
  }
  caller.suspended = false;
  const TenantId& tenant = caller.tenant();
  const auto standing = known.standing(tenant.str(), caller.user_id);
  if (caller.is_system()) {
    if (!standing) throw Problem(problems::tenant_not_found, "there is no tenant with this id");
    if (demand.repairs_tenant) return;
  } else {
    judge_narrowing(caller);
    if (!standing || !standing->role)
      throw Problem(problems::auth_not_a_member, "ask an owner or admin of the tenant to invite you");
    caller.role = caller.scope.role ? std::min(*standing->role, *caller.scope.role) : *standing->role;
    const Role needed = demand.access == Access::system ? Role::system : demand.role;
    if (*caller.role < needed) refuse_role(*standing->role, needed);
  }
  if (standing->status == "disabled") throw Problem(problems::tenant_disabled, "the operator disabled this tenant");
  if (standing->status == "suspended" && demand.mutates) judge_direction(demand.direction, caller);
}

void Guard::refuse_suspended() {
  throw Problem(problems::tenant_suspended, "the tenant can be read, and what only tightens is done; nothing else");
}

}  // namespace nexus
