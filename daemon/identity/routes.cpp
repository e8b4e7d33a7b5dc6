// Routes of tenants and users. Only the system token creates them; members see their own tenants.
#include "daemon/base/uuid.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/identity/common.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

// ---- tenants --------------------------------------------------------------------------------------------------------

Tenant parse_new_tenant(Input& input) {
  Tenant tenant = model::take_new(kTenant, input.body).value;
  if (tenant.tenant_id == "t_unknown") throw Problem(problems::context_invalid_tenant, "t_unknown is never a tenant");
  return tenant;
}

Applied create_tenant(store::Tx& tx, const Caller& caller, Tenant tenant) {
  tenant.created_at = now_micros();
  tenant.created_by = caller.user_id;
  if (!store::insert_new_row<kTenant>(tx, tenant)) throw Problem(problems::tenant_exists, "choose another tenant_id");
  return {.json = model::json_of(kTenant, tenant),
          .subject_type = "tenant",
          .subject_id = tenant.tenant_id,
          .details = {{"name", tenant.name}},
          .fields = {{"Location", "/tenants/" + tenant.tenant_id}}};
}

/// The tenants to which a token narrows the list. GET of each of them counts as env prod, and so does the list.
std::optional<std::string> narrowed(const TokenScope& scope) {
  if (scope.envs && !scope.envs->contains("prod")) return "[]";
  return scope.tenants ? std::optional(to_text(Json(*scope.tenants))) : std::nullopt;
}

Reply list_tenants(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  const auto member = caller.is_system() ? std::nullopt : std::optional(caller.user_id);
  return page_of<kTenant>(
      page, store::list_tenants(reader, http::mark_of(page.mark), page.limit + 1, member, narrowed(caller.scope)),
      &Tenant::created_at, &Tenant::tenant_id);
}

Tenant tenant_of(const store::Reader& reader, const Caller& caller) {
  return found(store::find_row<kTenant>(reader, caller.tenant().str()), problems::tenant_not_found);
}

Reply show_tenant(const store::Reader& reader, const Caller& caller) {
  return {.json = model::json_of(kTenant, tenant_of(reader, caller))};
}

Applied change_tenant(store::Tx& tx, const Caller& caller, const model::Draft<Tenant>& change) {
  Tenant tenant = tenant_of(tx, caller);
  Json details = {{"status_before", tenant.status}};
  change.apply_to(kTenantChange, tenant);
  if (change.has("status") && tenant.status != "active" && caller.tenant().is_system())
    throw Problem(problems::validation_failed, "t_system cannot be disabled or suspended")
        .with_errors({{"/status", "t_system is always active"}});
  details["status"] = tenant.status;
  store::update_row<kTenant>(tx, tenant);
  return {.json = model::json_of(kTenant, tenant),
          .subject_type = "tenant",
          .subject_id = tenant.tenant_id,
          .details = std::move(details),
          .status = 200};
}

// ---- users: people and agents that tokens speak for -----------------------------------------------------------------

User parse_new_user(Input& input) {
  User user = model::take_new(kUser, input.body).value;
  if (user.email) user.email = lower_ascii(*user.email);
  if (user.user_id.empty()) user.user_id = "u_" + uuid_v7();
  return user;
}

Applied create_user(store::Tx& tx, const Caller& caller, User user) {
  user.created_at = now_micros();
  user.created_by = caller.user_id;
  if (!store::insert_new_row<kUser>(tx, user)) throw Problem(problems::user_exists, "choose another user_id or email");
  return {.json = model::json_of(kUser, user),
          .subject_type = "user",
          .subject_id = user.user_id,
          .fields = {{"Location", "/users/" + user.user_id}}};
}

Reply list_users(const store::Reader& reader, const Caller&, const http::Page& page) {
  return page_of<kUser>(page, store::list_users(reader, http::mark_of(page.mark), page.limit + 1), &User::created_at,
                        &User::user_id);
}

Reply show_user(const store::Reader& reader, const Caller&, const std::string& user_id) {
  return {.json = model::json_of(kUser, found(store::find_row<kUser>(reader, user_id), problems::user_not_found))};
}

void add_tenant_routes(http::RouteTable& routes) {
  const Json shape = model::answer_schema(kTenant);
  routes.add(identity_write(
      "POST", "/tenants", kSystemAlone, "tenant_create", http::kOwnRowsAlone,
      http::writes(parse_new_tenant, create_tenant),
      {.summary = "Make a tenant", .request = model::create_schema(kTenant), .response = shape, .refusals = {409}}));
  routes.add(identity_read("/tenants", kAnyToken, "tenant_list",
                           http::reads([](Input& input) { return http::take_page(input, "tenants"); }, list_tenants),
                           {.summary = "List tenants: all for the system token, one's own for a user",
                            .response = schema::page(shape),
                            .query = http::page_parameters()}));
  routes.add(identity_read("/tenants/{tenant_id}", in_tenant(Role::viewer), "tenant_read", http::reads(show_tenant),
                           {.summary = "Show a tenant", .response = shape}));
  routes.add(identity_write(
      "PATCH", "/tenants/{tenant_id}", {.access = Access::system, .scope = Scope::path, .repairs_tenant = true},
      "tenant_update", {http::Urgency::stops, http::EndsStreams::may, http::Repairs::no, Direction::either},
      http::writes([](Input& input) { return model::take_change(kTenantChange, input.body); }, change_tenant),
      {.summary = "Rename, disable, suspend or enable a tenant",
       .request = model::change_schema(kTenantChange),
       .response = shape}));
}

void add_user_routes(http::RouteTable& routes) {
  const Json shape = model::answer_schema(kUser);
  routes.add(identity_write(
      "POST", "/users", kSystemAlone, "user_create", http::kOwnRowsAlone, http::writes(parse_new_user, create_user),
      {.summary = "Make a user", .request = model::create_schema(kUser), .response = shape, .refusals = {409}}));
  routes.add(
      identity_read("/users", kSystemAlone, "user_list",
                    http::reads([](Input& input) { return http::take_page(input, "users"); }, list_users),
                    {.summary = "List users", .response = schema::page(shape), .query = http::page_parameters()}));
  routes.add(identity_read("/users/{user_id}", kSystemAlone, "user_read",
                           http::reads(http::param("user_id"), show_user),
                           {.summary = "Show a user", .response = shape, .refusals = {404}}));
}

}  // namespace

http::Route identity_read(std::string path, Demand demand, std::string action, http::ReadHandler handler,
                          http::Docs docs) {
  docs.tag = "identity";
  return {.method = "GET",
          .path = std::move(path),
          .demand = demand,
          .action = std::move(action),
          .surface = "identity",
          .policy = gates::Policy::none,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

http::Route identity_write(std::string method, std::string path, Demand demand, std::string action,
                           http::Effects effects, http::WriteHandler handler, http::Docs docs) {
  demand.mutates = true;
  docs.tag = "identity";
  docs.success = docs.response.is_null() ? 204 : method == "POST" ? 201 : 200;
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = demand,
          .action = std::move(action),
          .surface = "identity",
          .policy = gates::Policy::audited,
          .effects = effects,
          .body = docs.request.is_null() ? http::Body::none : http::Body::json,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

Json role_schema() { return http::schema::named("MemberSet", model::create_schema(kMember)); }

Json member_schema() {
  Json out = http::schema::named("Member", model::answer_schema(kInvitation));
  out["required"] = model::answer_schema(kMember)["required"];
  return out;
}

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("identity", "Tenants, users, members, tokens and tickets");
  add_token_routes(routes, services.bearers);
  add_tenant_routes(routes);
  add_user_routes(routes);
  add_member_routes(routes);
}

}  // namespace nexus::identity
