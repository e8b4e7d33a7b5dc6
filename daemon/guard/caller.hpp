// The caller of a request: user, tenant, env and ids. Made by the guard and read by everything behind it. A handler of
// a tenant route may rely on tenant and env being set and allowed.
#pragma once
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/realm.hpp"

namespace nexus {

/// How a token narrows its user. Empty optionals narrow nothing.
struct TokenScope {
  std::optional<std::set<std::string>> tenants;
  std::optional<std::set<std::string>> envs;
  std::optional<Role> role;  // a ceiling
  Micros expires_at = 0;     // 0: never (the system token)
};

/// Who a token or ticket speaks for.
struct Identity {
  std::string user_id;     // "system" for the system token
  std::string actor_type;  // human | agent | system
  std::string token_id;    // jti, or "root"
  std::string vouched_by;  // the key: Keyring::stands says whether it is still trusted
  TokenScope scope;

  bool is_system() const { return actor_type == "system"; }
};

struct Caller : Identity {
  std::optional<TenantId> tenant_id;
  std::optional<Env> env_id;
  std::optional<Role> role;  // in that tenant, under the token's ceiling; `system` for the system token
  bool suspended = false;    // the tenant is; the route alone does not say whether the request only tightens

  std::string request_id;
  std::string trace_id;
  bool traced = false;  // the client brought a traceparent
  std::optional<std::string> run_id;
  std::string reason;  // X-Reason of the system token

  const TenantId& tenant() const {
    if (!tenant_id) throw std::logic_error("a handler of a route without tenant asked for one");
    return *tenant_id;
  }
  /// The env in which the request is judged and audited: prod for a request without an env.
  Env standing_env() const { return env_id.value_or(Env::prod); }
  Env env() const {
    if (!env_id) throw std::logic_error("a handler of a route without env asked for one");
    return *env_id;
  }
  /// The tenant and env of a handler's rows. Valid as long as this caller.
  Realm realm() const { return {.tenant = tenant().str(), .env = to_string(env())}; }
  /// Whether the caller may see and change a row that `creator` made: their own, or any for an admin.
  bool owns(std::string_view creator) const { return creator == user_id || sees_all(); }
  bool sees_all() const { return role && *role >= Role::admin; }
};

}  // namespace nexus
