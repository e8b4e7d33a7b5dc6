// The tokens that are for one tenant and for no other: its owners and admins list and revoke them, whoever's they are,
// but for those of members above themselves. Tokens that open other tenants too are their users' and the system role's.
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/identity/identity_json.hpp"
#include "daemon/identity/identity_route.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/identity/routes.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

store::TenantTokens among(const Caller& caller) {
  return {caller.tenant().str(), roles_text([&](Role role) { return role > *caller.role; })};
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return token_page(page, store::list_tokens(reader, page.mark, page.limit + 1, among(caller)));
}

Applied revoke(store::Tx& tx, const Caller& caller, const std::string& token_id) {
  const auto token = store::find_token(tx, token_id, among(caller));
  if (!token)
    throw Problem(problems::token_not_found, "GET /tenants/{tenant_id}/tokens lists those that you may revoke");
  store::revoke_token(tx, token_id, now_micros());
  return {.json = nullptr,
          .subject_type = "token",
          .subject_id = token_id,
          .details = {{"user_id", token->user_id}},
          .status = 204};
}

}  // namespace

void add_tenant_token_routes(http::RouteTable& routes) {
  const Demand demand{.access = Access::role, .scope = Scope::path, .role = Role::admin, .repairs_tenant = true};
  routes.add(identity_read("/tenants/{tenant_id}/tokens", demand, "token_list",
                           http::reads([](Input& input) { return http::take_page(input, "tenant_tokens"); }, list),
                           {"List the tokens that are for this tenant alone, but for those of members above oneself",
                            "identity",
                            {},
                            schema::page(token_schema()),
                            200,
                            http::page_parameters(),
                            {}}));
  routes.add(identity_write("DELETE", "/tenants/{tenant_id}/tokens/{token_id}", demand, "token_revoke", kTakesAway,
                            http::writes([](Input& input) { return input.param("token_id"); }, revoke),
                            {"Revoke a token that is for this tenant alone", "identity", {}, {}, 204, {}, {404}}));
}

}  // namespace nexus::identity
