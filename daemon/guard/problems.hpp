// What the guard refuses: tokens, context, membership, rate; the build gathers them all.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo auth_missing_token{
    "auth.missing_token", 401, "A bearer token is needed",
    "The route is not open, and the request carried no `Authorization: Bearer` header. Send a token made by `nexusctl "
    "token create`, or set NEXUS_TOKEN for nexusctl."};
inline constexpr CodeInfo auth_invalid_token{
    "auth.invalid_token", 401, "The token is not valid",
    "The token is malformed, signed with another key or algorithm than HS256, or names a user or a token id that this "
    "daemon does not know. Make a new one with `nexusctl token create`."};
inline constexpr CodeInfo auth_token_expired{
    "auth.token_expired", 401, "The token has expired",
    "The token's `exp` lies in the past (30 s of clock leeway are given). Make a new one with `nexusctl token "
    "create`."};
inline constexpr CodeInfo auth_token_revoked{
    "auth.token_revoked", 401, "The token was revoked",
    "Somebody revoked this token id. It stays refused for the rest of its life; make a new one."};
inline constexpr CodeInfo auth_invalid_ticket{
    "auth.invalid_ticket", 401, "The ticket is not valid",
    "A ticket opens one stream, within 30 seconds, on the path it was made for. Ask POST /tickets for a new one."};
inline constexpr CodeInfo auth_not_a_member{
    "auth.not_a_member", 403, "You are not a member of this tenant",
    "The token is good, but its user has no membership in the tenant of the request, the token is narrowed to other "
    "tenants or envs, or the tenant does not exist: the answer is the same. An owner or admin can invite you "
    "with `nexusctl member set`."};
inline constexpr CodeInfo auth_insufficient_role{
    "auth.insufficient_role", 403, "Your role does not allow this",
    "The route needs a higher role than the caller has in this tenant (or than the token's own ceiling)."};
inline constexpr CodeInfo context_missing_tenant{
    "context.missing_tenant", 400, "X-Tenant-Id is missing",
    "Every tenant route needs the X-Tenant-Id header. There is no default: not from the token, the query or the "
    "body."};
inline constexpr CodeInfo context_missing_env{
    "context.missing_env", 400, "X-Env is missing",
    "Every tenant route needs the X-Env header: dev, staging or prod. There is no default."};
inline constexpr CodeInfo context_invalid_tenant{
    "context.invalid_tenant", 400, "X-Tenant-Id is not a tenant id",
    "A tenant id matches ^t_[a-z0-9_-]{1,62}$. `t_unknown` is never one: an event without a tenant is a bug at its "
    "source, not a tenant."};
inline constexpr CodeInfo context_invalid_env{"context.invalid_env", 400, "X-Env is not an env",
                                              "X-Env is dev, staging (or stage) or prod, in any case."};
inline constexpr CodeInfo context_mismatch{
    "context.mismatch", 400, "The request contradicts its context",
    "A tenant_id or env in the query, the form or the body (or a header beside a path that names the tenant) differs "
    "from the context of the request. Such a field is an assertion, never a source: make it equal, or leave it out."};
inline constexpr CodeInfo context_user_mismatch{
    "context.user_mismatch", 403, "X-User-Id is not the token's user",
    "X-User-Id is optional; when sent it must equal the user of the token."};
inline constexpr CodeInfo tenant_disabled{
    "tenant.disabled", 403, "The tenant is disabled",
    "Every request to a disabled tenant is refused. The operator enables it with `nexusctl tenant enable`."};
inline constexpr CodeInfo tenant_suspended{
    "tenant.suspended", 403, "The tenant is suspended",
    "A suspended tenant can be read, not changed. The operator lifts it with `nexusctl tenant enable`."};
inline constexpr CodeInfo tenant_not_found{"tenant.not_found", 404, "No such tenant",
                                           "There is no tenant with this id."};
inline constexpr CodeInfo rate_limit_exceeded{
    "rate_limit_exceeded", 429, "Too many requests",
    "The quota of this tenant, env and action is spent, or as many requests of this tenant wait for a thread as may "
    "(nexus-limits(7)). Nothing was changed. Retry-After says in how many seconds the next request fits."};
inline constexpr CodeInfo request_reason_required{
    "request.reason_required", 400, "A reason is needed",
    "The system token states why it acts on a tenant: X-Reason, 1 to 500 characters (`nexusctl --reason`)."};

}  // namespace nexus::problems
