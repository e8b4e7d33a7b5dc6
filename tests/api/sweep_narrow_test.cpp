// Sweeps over every route: tokens narrowed by tenant, env, role or to an agent. Each line asks the same request twice,
// with a token that is too narrow and with its twin that just fits. What stands under /tenants/{t} stands in env prod.
#include "tests/api/expect.hpp"
#include "tests/api/routes.hpp"
#include "tests/api/signed_token.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// An owner of a tenant who has another one too.
struct Narrowed {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();
  std::string other = world.new_tenant();

  Narrowed() { world.set_member(other, tenant.owner.id, "owner"); }
  Person token(const Json& wish) { return {tenant.owner.id, world.new_token(tenant.owner.id, wish)}; }
  Stage stage(const Person& who) { return {world, tenant, who}; }

  /// One request, first with the narrow token, then with the wide one.
  void check(const ApiRoute& route, const Person& narrow, const Person& wide, const std::string& refusal) {
    const Filled filled = route.line.fill(stage(tenant.owner));
    const auto send = [&](const Person& who) {
      return world.call(route.method, filled.target, good_headers(route, stage(who), filled), filled.body);
    };
    CHECK(outcome(send(narrow)) == refusal);
    CHECK(outcome(send(wide)) == route.done());
  }
};

bool is_members(const ApiRoute& route) { return route.has_tenant() && route.line.access != "system"; }

std::set<std::string> names(const Answer& answer, const char* name) {
  std::set<std::string> out;
  for (const Json& item : answer.json.at("items")) out.insert(item.at(name));
  return out;
}

}  // namespace

TEST_CASE("every tenant route refuses a token narrowed to another tenant, and serves one narrowed to its own",
          "[tokens]") {
  Narrowed n;
  const Person narrow = n.token({{"tenants", {n.other}}});
  const Person nowhere = n.token({{"tenants", Json::array()}});
  const Person wide = n.token({{"tenants", {n.tenant.id}}});
  for (const ApiRoute& route : all_routes(n.world)) {
    if (!is_members(route)) continue;
    INFO(route.name());
    n.check(route, narrow, wide, "403 auth.not_a_member");
    CHECK(outcome(ask(route, n.stage(nowhere))) == "403 auth.not_a_member");
  }
}

TEST_CASE("every tenant route refuses a token narrowed to other envs; under /tenants the env is prod", "[tokens]") {
  Narrowed n;
  const Person dev = n.token({{"envs", {"dev"}}});
  const Person prod = n.token({{"envs", {"prod"}}});
  const Person not_prod = n.token({{"envs", {"dev", "staging"}}});
  for (const ApiRoute& route : all_routes(n.world)) {
    if (!is_members(route)) continue;
    INFO(route.name());
    if (route.has_header_context())
      n.check(route, prod, dev, "403 auth.not_a_member");
    else
      n.check(route, not_prod, prod, "403 auth.not_a_member");
    // What the client says of its env changes nothing there.
    if (route.has_path_tenant())
      CHECK(outcome(ask(route, n.stage(dev), {{"X-Env", "prod"}})) == "403 auth.not_a_member");
  }
}

TEST_CASE(
    "every tenant route refuses a token whose ceiling is below its role, and serves one whose ceiling is its role",
    "[tokens]") {
  Narrowed n;
  std::map<std::string, Person> ceilings;
  for (const std::string& role : roles()) ceilings[role] = n.token({{"role", role}});
  for (const ApiRoute& route : all_routes(n.world)) {
    if (!is_members(route) || rank(route.line.access) == 0) continue;
    INFO(route.name());
    const std::string& below = roles()[static_cast<std::size_t>(rank(route.line.access) - 1)];
    n.check(route, ceilings.at(below), ceilings.at(route.line.access), "403 auth.insufficient_role");
  }
}

TEST_CASE("while autonomy is off a mutation refuses an agent and serves his person, but for what only tightens",
          "[tokens][gates]") {
  // As the lines ask them: they only take away, or they change nothing of the tenant's.
  const std::set<std::string> for_agents_too = {
      "DELETE /tenants/{tenant_id}/members/{user_id}",
      "DELETE /tenants/{tenant_id}/tokens/{token_id}",
      "PATCH /firearms/licences/{licence_id}",
      "PUT /firearms/dangerous-actions",
      "POST /audit/checkpoint",
      "POST /tickets",
      "PUT /kill-switches",
      "PATCH /kill-switches",
      "POST /tenants/{tenant_id}/kill-switches",
  };
  Narrowed n;
  const Person agent = n.token({{"actor_type", "agent"}});
  for (const char* env : {"dev", "prod"})
    REQUIRE(n.world.put_kill_switches(n.tenant.owner, n.tenant.id, {{"disable_autonomy", true}}, env).status == 200);
  for (const ApiRoute& route : all_routes(n.world)) {
    if (!is_members(route)) continue;
    INFO(route.name());
    if (!route.mutates() || for_agents_too.contains(route.name()))
      CHECK(outcome(ask(route, n.stage(agent))) == route.done());
    else
      n.check(route, agent, n.tenant.owner, "403 kill_switch_blocked");
  }
}

TEST_CASE("the list of tenants shows what each of them would show to the same token", "[tokens]") {
  Narrowed n;
  const auto listed = [&](const Json& wish) {
    const Person who = n.token(wish);
    const auto ids = names(n.world.call("GET", "/tenants?limit=200", World::as(who)), "tenant_id");
    for (const std::string& id : {n.tenant.id, n.other})
      CHECK((n.world.call("GET", "/tenants/" + id, World::as(who)).status == 200) == ids.contains(id));
    return ids;
  };
  CHECK(listed(Json::object()) == std::set{n.tenant.id, n.other});
  CHECK(listed({{"tenants", {n.other}}}) == std::set{n.other});
  CHECK(listed({{"envs", {"prod", "dev"}}}) == std::set{n.tenant.id, n.other});
  CHECK(listed({{"envs", {"dev"}}}).empty());
}

TEST_CASE("a token whose time is over opens no route", "[tokens]") {
  Narrowed n;
  const Person over = lasting(n.world, n.tenant.owner, -1);
  for (const ApiRoute& route : all_routes(n.world)) {
    if (!route.needs_token()) continue;
    INFO(route.name());
    CHECK(outcome(ask(route, n.stage(over))) == "401 auth.token_expired");
  }
}

}  // namespace nexus::test
