// nexusctl tenant: isolated customers, created and switched by the system role.
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kTenantShape = {"tenant_id", {"tenant_id", "name", "status", "created_at"}};

Json new_tenant(const Values& values) {
  const std::string& tenant_id = values.text("TENANT_ID");
  return {{"tenant_id", tenant_id}, {"name", values.find("--name").value_or(tenant_id)}};
}

Command tenant_status(const char* name, const char* summary, const char* status, const Parameter& tenant_id) {
  return {.name = name,
          .summary = summary,
          .example = std::string("nexusctl tenant ") + name + " TENANT_ID",
          .parameters = {tenant_id},
          .run = sends({.method = "PATCH",
                        .path = "/tenants/{TENANT_ID}",
                        .body = Json{{"status", status}},
                        .scope = Scope::identity},
                       kTenantShape)};
}

constexpr const char* kTenantDescription = R"(
The system token makes tenants and changes their status; members see their own. A disabled tenant is refused
everything, and its streams end; the system token still lists and changes its members, tokens, kill switches and
status.

A suspended tenant can be read, and what only tightens is done: members are removed, are demoted, or leave; tokens and
licences are revoked; people opt out; details of audit rows are erased; kill switches are set; limits, flags and
bounds become tighter. Everything else is refused.)";

}  // namespace

Command tenant_command() {
  const Parameter tenant_id = argument("TENANT_ID", "t_ and lower-case letters, digits, _ or -");
  return {
      .name = "tenant",
      .topic = Topic::set_up,
      .summary = "tenants: create, list, show, disable, suspend, enable",
      .description = kTenantDescription,
      .see_also = "nexusctl-member(1), nexusctl-user(1)",
      .example = "nexusctl tenant create TENANT_ID --name 'Acme Ltd'",
      .commands = {
          {.name = "create",
           .summary = "make a tenant",
           .example = "nexusctl tenant create TENANT_ID --name 'Acme Ltd'",
           .parameters = {tenant_id, option("--name", "NAME", "its name for people (the id)")},
           .run = sends({.method = "POST", .path = "/tenants", .scope = Scope::identity}, kTenantShape, new_tenant)},
          list_command("list", "list tenants: all for the system role, else one's own", "nexusctl tenant list --all",
                       {.path = "/tenants", .scope = Scope::identity}, kTenantShape),
          show_command("show one tenant", "nexusctl tenant show TENANT_ID",
                       {.path = "/tenants/{TENANT_ID}", .scope = Scope::identity}, kTenantShape, {tenant_id}),
          tenant_status("disable", "refuse every request of the tenant and end its streams", "disabled", tenant_id),
          tenant_status("suspend", "refuse the tenant's mutations; it can still read", "suspended", tenant_id),
          tenant_status("enable", "make the tenant active again", "active", tenant_id),
      }};
}

}  // namespace nexus::cli
