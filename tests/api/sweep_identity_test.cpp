// Sweeps over every route: who may ask, in which tenant and env (401, 400, 403), and that whoever may is served.
#include "tests/api/expect.hpp"
#include "tests/api/routes.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// One tenant for all sweeps that leave it as it is.
const Tenant& swept_tenant() {
  static const Tenant tenant = shared_world().new_tenant_with_members();
  return tenant;
}

Stage stage_of(const Person& who) { return {shared_world(), swept_tenant(), who}; }

/// Who may certainly ask this route.
Person able(const ApiRoute& route) {
  return route.line.access == "system" ? shared_world().root() : swept_tenant().owner;
}

std::string tenant_headers_code(const Prepared& request, const Headers& change, std::string_view gone = {}) {
  const auto& [route, stage, filled] = request;
  const Headers headers = with(without(good_headers(route, stage, filled), gone), change);
  return outcome(shared_world().call(route.method, filled.target, headers, filled.body));
}

}  // namespace

TEST_CASE("every route of the daemon has a line in the sweeps, and every line a route") {
  const Routes routes = find_routes(shared_world());
  CHECK(routes.without_line == std::vector<std::string>{});
  CHECK(routes.without_route == std::vector<std::string>{});
}

TEST_CASE("every route is documented as the contract has it") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    INFO(route.name());
    const Json& operation = route.operation;
    CHECK(operation.value("x-nexus-action", "") == route.line.action);
    CHECK(operation.value("x-nexus-policy", "") == route.line.policy);
    const std::string& access = route.line.access;
    const bool named = rank(access) >= 0;
    CHECK(operation.value("x-nexus-role", "") == (!route.line.declared.empty() ? route.line.declared
                                                  : named                      ? access
                                                                               : ""));
    CHECK(operation.at("security").empty() != route.needs_token());
    CHECK(operation.at("responses").contains(std::to_string(route.line.success)));
  }
}

TEST_CASE("every route serves each role that may ask, and refuses each that may not") {
  World& world = shared_world();
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.needs_token()) {
      INFO(route.name());
      CHECK(ask(route, stage_of(swept_tenant().owner)).status == route.line.success);
      continue;
    }
    for (const std::string& role : roles()) {
      INFO(route.name() << " as " << role);
      const Answer answer = ask(route, stage_of(swept_tenant().at(role)));
      const bool may = rank(role) >= rank(route.line.access);  // "token" ranks below all
      CHECK(outcome(answer) == (may ? route.done() : "403 auth.insufficient_role"));
    }
    INFO(route.name() << " with the system token");
    CHECK(outcome(ask(route, stage_of(world.root()))) ==
          (route.line.access == "user" ? "403 auth.insufficient_role" : route.done()));
  }
}

TEST_CASE("every route that is not open answers 401 without a token, and says which scheme") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (!route.needs_token()) continue;
    INFO(route.name());
    const Stage stage = stage_of(able(route));
    const Filled filled = route.line.fill(stage);
    const Headers headers = without(good_headers(route, stage, filled), "Authorization");
    const Answer answer = shared_world().call(route.method, filled.target, headers, filled.body);
    CHECK(outcome(answer) == "401 auth.missing_token");
    CHECK(answer.header("www-authenticate").starts_with("Bearer"));
  }
}

TEST_CASE("every route that is not open answers 401 to a token that is none") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (!route.needs_token()) continue;
    const Stage stage = stage_of(able(route));
    const Filled filled = route.line.fill(stage);
    for (const char* text : {"Bearer garbage", "Bearer ", "Basic dTpw", "Bearer nxr_guessed", "Bearer a.b.c"}) {
      INFO(route.name() << " with " << text);
      const Headers headers = with(good_headers(route, stage, filled), {{"Authorization", text}});
      CHECK(outcome(shared_world().call(route.method, filled.target, headers, filled.body)) ==
            "401 auth.invalid_token");
    }
  }
}

TEST_CASE("every tenant route needs X-Tenant-Id and X-Env, well-formed, and takes neither from elsewhere") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (!route.has_header_context()) continue;
    INFO(route.name());
    const Prepared request = prepare(route, stage_of(swept_tenant().owner));
    CHECK(tenant_headers_code(request, {}, "X-Tenant-Id") == "400 context.missing_tenant");
    CHECK(tenant_headers_code(request, {{"X-Tenant-Id", ""}}) == "400 context.missing_tenant");
    CHECK(tenant_headers_code(request, {}, "X-Env") == "400 context.missing_env");
    CHECK(tenant_headers_code(request, {{"X-Env", ""}}) == "400 context.missing_env");
    for (const std::string& malformed : {std::string("acme"), std::string("t_"), std::string("T_ACME"),
                                         std::string("t_a b"), "t_" + std::string(63, 'a'), std::string("t_unknown")}) {
      INFO("X-Tenant-Id: " << malformed);
      CHECK(tenant_headers_code(request, {{"X-Tenant-Id", malformed}}) == "400 context.invalid_tenant");
    }
    for (const char* malformed : {"production", "qa", "dev,prod", "*"}) {
      INFO("X-Env: " << malformed);
      CHECK(tenant_headers_code(request, {{"X-Env", malformed}}) == "400 context.invalid_env");
    }
  }
}

TEST_CASE("a tenant in the query or the body is no context") {
  World& world = shared_world();
  const Tenant& tenant = swept_tenant();
  const Headers headers = without(World::in(tenant.owner, tenant.id), "X-Tenant-Id");
  CHECK(outcome(world.call("GET", "/nexus/raw?tenant_id=" + tenant.id + "&env=dev", headers)) ==
        "400 context.missing_tenant");
  CHECK(outcome(world.call("POST", "/nexus/raw/presign-upload", headers,
                           Json{{"filename", "a"}, {"tenant_id", tenant.id}, {"env", "dev"}})) ==
        "400 context.missing_tenant");
}

TEST_CASE("a tenant in the path must be well-formed and equal to a header that is sent beside it") {
  World& world = shared_world();
  const Tenant& tenant = swept_tenant();
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.has_path_tenant()) continue;
    INFO(route.name());
    const Person who = able(route);
    CHECK(outcome(ask(route, stage_of(who), {{"X-Tenant-Id", "t_other"}})) == "400 context.mismatch");
    CHECK(outcome(ask(route, stage_of(who), {{"X-Tenant-Id", tenant.id}})) == route.done());
    const Stage stage = stage_of(who);
    Filled filled = route.line.fill(stage);
    for (const char* malformed : {"acme", "t_unknown", "T_X"}) {
      INFO(malformed);
      std::string target = filled.target;
      target.replace(std::string("/tenants/").size(), tenant.id.size(), malformed);
      CHECK(outcome(world.call(route.method, target, good_headers(route, stage, filled), filled.body)) ==
            "400 context.invalid_tenant");
    }
  }
}

TEST_CASE("a stranger with a good token is no member anywhere, and cannot tell an absent tenant from a closed one") {
  World& world = shared_world();
  const Person stranger = world.new_person();
  const Tenant absent{"t_absent", swept_tenant().owner, swept_tenant().admin, swept_tenant().member,
                      swept_tenant().viewer};
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.has_tenant()) continue;
    INFO(route.name());
    const Filled filled = route.line.fill(stage_of(stranger));
    const Headers headers = good_headers(route, stage_of(stranger), filled);
    const Answer closed = world.call(route.method, filled.target, headers, filled.body);
    CHECK(outcome(closed) == "403 auth.not_a_member");

    std::string target = filled.target;
    if (route.has_path_tenant()) target.replace(std::string("/tenants/").size(), swept_tenant().id.size(), absent.id);
    const Headers elsewhere = route.has_path_tenant() ? headers : with(headers, {{"X-Tenant-Id", absent.id}});
    CHECK(comparable(world.call(route.method, target, elsewhere, filled.body)) == comparable(closed));
  }
}

TEST_CASE("what a client claims about itself changes nothing, or is refused") {
  World& world = shared_world();
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.needs_token()) continue;
    INFO(route.name());
    const Person who = able(route);
    CHECK(outcome(ask(route, stage_of(who), {{"X-User-Id", "u_dev"}})) == "403 context.user_mismatch");
    CHECK(outcome(ask(route, stage_of(who), {{"X-User-Id", who.id}, {"X-Membership-Role", "viewer"}})) == route.done());
    if (rank(route.line.access) <= 0) continue;
    CHECK(outcome(ask(route, stage_of(swept_tenant().viewer), {{"X-Membership-Role", "owner"}})) ==
          "403 auth.insufficient_role");
  }
}

TEST_CASE("a member who is put out is out at once, on every route of the tenant") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  REQUIRE(
      world.call("DELETE", "/tenants/" + tenant.id + "/members/" + tenant.admin.id, World::as(tenant.owner)).status ==
      204);
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.has_tenant()) continue;
    INFO(route.name());
    CHECK(outcome(ask(route, {world, tenant, tenant.admin})) == "403 auth.not_a_member");
  }
}

}  // namespace nexus::test
