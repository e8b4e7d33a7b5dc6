#include "daemon/identity/routes.hpp"

#include "daemon/domain/services.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/identity/identity_json.hpp"
#include "daemon/identity/identity_route.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/identity/tokens.hpp"
#include "daemon/model/problems.hpp"
#include "store/sqlite/error.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr http::TextRange kName{.min = 1, .max = 200};

struct NewTenant {
  std::string tenant_id, name;
};

NewTenant parse_new(Input& input) {
  NewTenant value{input.body.text("tenant_id", {.min = 1, .max = 64}), input.body.text("name", kName)};
  if (!value.tenant_id.empty() && !TenantId::parse(value.tenant_id)) {
    if (value.tenant_id == "t_unknown") throw Problem(problems::context_invalid_tenant, "t_unknown is never a tenant");
    input.body.fault("tenant_id", "must match ^t_[a-z0-9_-]{1,62}$");
  }
  return value;
}

Applied create(store::Tx& tx, const Caller& caller, const NewTenant& value) {
  const store::Tenant tenant{value.tenant_id, value.name, "active", now_micros(), caller.user_id};
  try {
    store::insert_tenant(tx, tenant);
  } catch (const store::Error& error) {
    if (!store::is_unique_violation(error)) throw;
    throw Problem(problems::tenant_exists, "choose another tenant_id");
  }
  return {.json = tenant_json(tenant),
          .subject_type = "tenant",
          .subject_id = tenant.tenant_id,
          .details = {{"name", tenant.name}},
          .fields = {{"Location", "/tenants/" + tenant.tenant_id}}};
}

/// To which tenants a token narrows the list. GET of each of them stands in env prod, and so the list does.
std::optional<std::string> narrowed(const TokenScope& scope) {
  if (scope.envs && !scope.envs->contains("prod")) return "[]";
  return scope.tenants ? std::optional(to_text(Json(*scope.tenants))) : std::nullopt;
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  const auto member = caller.is_system() ? std::nullopt : std::optional(caller.user_id);
  const auto among = narrowed(caller.scope);
  auto rows = store::list_tenants(reader, http::mark_of(page.mark), page.limit + 1, member, among);
  return {.json = http::page_json<store::Tenant>(page, std::move(rows), tenant_json, [](const store::Tenant& row) {
            return http::mark_text(row.created_at, row.tenant_id);
          })};
}

struct Nothing {};
Nothing parse_nothing(Input&) { return {}; }

Reply show(const store::Reader& reader, const Caller& caller, const Nothing&) {
  const auto tenant = store::find_tenant(reader, caller.tenant().str());
  if (!tenant) throw Problem(problems::tenant_not_found);
  return {.json = tenant_json(*tenant)};
}

struct TenantChange {
  std::optional<std::string> name, status;
};

TenantChange parse_change(Input& input) {
  TenantChange value{input.body.optional_text("name", kName),
                     input.body.optional_choice("status", {"active", "disabled", "suspended"})};
  if (!input.body.sent("name") && !input.body.sent("status")) input.body.fault("status", "name or status is required");
  return value;
}

Applied change(store::Tx& tx, const Caller& caller, const TenantChange& value) {
  auto tenant = store::find_tenant(tx, caller.tenant().str());
  if (!tenant) throw Problem(problems::tenant_not_found);
  Json details = {{"status_before", tenant->status}};
  if (value.status && *value.status != "active" && caller.tenant().is_system())
    throw Problem(problems::validation_failed, "t_system cannot be disabled or suspended")
        .with_errors({{"/status", "t_system is always active"}});
  tenant->name = value.name.value_or(tenant->name);
  tenant->status = value.status.value_or(tenant->status);
  details["status"] = tenant->status;
  store::update_tenant(tx, *tenant);
  return {.json = tenant_json(*tenant),
          .subject_type = "tenant",
          .subject_id = tenant->tenant_id,
          .details = std::move(details),
          .status = 200};
}

}  // namespace

void add_tenant_routes(http::RouteTable& routes) {
  const Json new_tenant = schema::named(
      "TenantCreate", schema::object({"tenant_id", "name"}, {{"tenant_id", schema::pattern(schema::kTenantId)},
                                                             {"name", schema::text_between(1, 200)}}));
  Json change_schema = schema::named(
      "TenantUpdate", schema::object({}, {{"name", schema::text_between(1, 200)},
                                          {"status", schema::choice({"active", "disabled", "suspended"})}}));
  change_schema["minProperties"] = 1;
  routes.add(identity_write("POST", "/tenants", {.access = Access::system}, "tenant_create", http::kOwnRowsAlone,
                            http::writes(parse_new, create),
                            {"Make a tenant", "identity", new_tenant, tenant_schema(), 201, {}, {409}}));
  routes.add(identity_read("/tenants", {.access = Access::token}, "tenant_list",
                           http::reads([](Input& input) { return http::take_page(input, "tenants"); }, list),
                           {"List tenants: all for the system token, one's own for a user",
                            "identity",
                            {},
                            schema::page(tenant_schema()),
                            200,
                            http::page_parameters(),
                            {}}));
  routes.add(identity_read("/tenants/{tenant_id}",
                           {.access = Access::role, .scope = Scope::path, .role = Role::viewer, .repairs_tenant = true},
                           "tenant_read", http::reads(parse_nothing, show),
                           {"Show a tenant", "identity", {}, tenant_schema(), 200, {}, {}}));
  routes.add(identity_write(
      "PATCH", "/tenants/{tenant_id}", {.access = Access::system, .scope = Scope::path, .repairs_tenant = true},
      "tenant_update", {http::Urgency::stops, http::EndsStreams::may, http::Repairs::no, Direction::either},
      http::writes(parse_change, change),
      {"Rename, disable, suspend or enable a tenant", "identity", change_schema, tenant_schema(), 200, {}, {}}));
}

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("identity", "Tenants, users, members, tokens and tickets");
  add_token_routes(routes, services.bearers);
  add_tenant_routes(routes);
  add_user_routes(routes);
  add_member_routes(routes);
  add_tenant_token_routes(routes);
  add_membership_routes(routes);
}

}  // namespace nexus::identity
