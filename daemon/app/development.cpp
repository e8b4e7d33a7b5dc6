#include "daemon/app/development.hpp"

#include "daemon/base/shell.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/limits.hpp"
#include "store/identity.hpp"

namespace nexus::app {
namespace {

constexpr const char* kTenant = "t_dev";
constexpr const char* kUser = "u_dev";

void make_missing(store::Tx& tx, Installation& installation, Micros now) {
  const auto audit_act = [&](std::string tenant, std::string action, std::string type, std::string id) {
    audit::append(tx, installation.instance_id(),
                  audit::own_act({.tenant = tenant, .env = "prod"}, std::move(action), std::move(type), std::move(id)),
                  now);
  };
  const std::string& system = TenantId::system().str();
  if (!store::has_row<identity::kTenant>(tx, kTenant)) {
    store::insert_row<identity::kTenant>(tx, {kTenant, "Development", "active", now, "system"});
    audit_act(system, "tenant_create", "tenant", kTenant);
  }
  if (!store::has_row<identity::kUser>(tx, kUser)) {
    store::insert_row<identity::kUser>(tx, {kUser, std::nullopt, "Developer", now, "system"});
    audit_act(system, "user_create", "user", kUser);
  }
  if (!store::find_member(tx, kTenant, kUser)) {
    store::put_member(tx, {kTenant, kUser, "owner", now});
    audit_act(kTenant, "member_set", "member", kUser);
  }
}

}  // namespace

std::string make_dev_identity(Installation& installation, const Bearers& bearers) {
  const Micros now = now_micros();
  Claims claims;
  claims.user_id = kUser;
  claims.token_id = uuid_v7();
  claims.actor_type = "human";
  claims.scope.expires_at = (now / kSecond + std::chrono::seconds(limits::token_lifetime_default).count()) * kSecond;
  installation.database().writer().apply([&](store::Tx& tx) {
    make_missing(tx, installation, now);
    identity::Token token;
    token.token_id = claims.token_id;
    token.user_id = kUser;
    token.name = "nexusd --dev";
    token.actor_type = claims.actor_type;
    token.created_at = now;
    token.created_by = "system";
    token.expires_at = claims.scope.expires_at;
    store::insert_row<identity::kToken>(tx, token);
    audit::append(
        tx, installation.instance_id(),
        audit::own_act({.tenant = TenantId::system().str(), .env = "prod"}, "token_create", "token", claims.token_id),
        now);
  });
  return bearers.sign(claims, now);
}

std::string environment_lines(const std::string& address, const std::string& token,
                              const std::filesystem::path& root_token) {
  std::string lines =
      "export NEXUS_ADDR=" + single_quoted(address) + "\nexport NEXUS_TENANT=" + kTenant + "\nexport NEXUS_ENV=dev\n";
  // Of daemons that share a database, the first one has it.
  if (std::filesystem::exists(root_token))
    lines += "export NEXUS_ROOT_TOKEN_FILE=" + single_quoted(root_token.string()) + "\n";
  return lines + "export NEXUS_TOKEN=" + single_quoted(token) + "\n";
}

}  // namespace nexus::app
