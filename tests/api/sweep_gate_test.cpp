// Sweeps over every route: the kill switch, and what a neighbour's ids tell.
#include "tests/api/expect.hpp"
#include "tests/api/routes.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// Whether the kill switch judges the route at all.
bool is_gated(const ApiRoute& route) {
  return route.has_header_context() && route.line.policy != "none" && route.line.policy != "audited";
}

/// Whether "*" and disabled autonomy stop it: they leave reads and configuration alone.
bool is_broad(const ApiRoute& route) { return route.line.policy == "full" || route.line.policy == "telemetry"; }

void switch_off(World& world, const Tenant& tenant, const Json& actions) {
  REQUIRE(world.put_kill_switches(tenant.admin, tenant.id, {{"disabled_actions", actions}}).status == 200);
}

std::string ask_filled(const ApiRoute& route, const Stage& stage, const Filled& filled) {
  return outcome(stage.world.call(route.method, filled.target, good_headers(route, stage, filled), filled.body));
}

}  // namespace

TEST_CASE("every gated route is stopped by its name in the kill switch, and the refusal tells all of it") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Stage stage{world, tenant, tenant.owner};
  for (const ApiRoute& route : all_routes(world)) {
    if (!is_gated(route)) continue;
    INFO(route.name());
    const Filled filled = route.line.fill(stage);
    switch_off(world, tenant, {route.judged_action()});
    const Answer answer = world.call(route.method, filled.target, good_headers(route, stage, filled), filled.body);
    if (route.line.action == "kill_switch_update") {
      CHECK(answer.status == 200);
    } else {
      CHECK(outcome(answer) == "403 kill_switch_blocked");
      CHECK(answer.has("nexus-audit-seq"));
      CHECK(answer.header("nexus-audit-hash").size() == 64);
      const Json decision = answer.json.value("decision", Json::object());
      CHECK(decision.value("action", "") == route.judged_action());
      CHECK(decision.value("surface", "") == route.judged_surface(filled));
      CHECK(decision.value("result", "") == "BLOCK");
      CHECK(decision.value("decision_id", "").size() == 36);
      REQUIRE(!decision.value("gates", Json::array()).empty());
      CHECK(decision["gates"][0].value("gate", "") == "kill_switch");
      CHECK(decision["gates"][0].value("verdict", "") == "block");
      CHECK(decision["gates"][0].value("code", "") == "kill_switch_blocked");
      CHECK(answer.json.value("remedy", "").starts_with("nexusctl kill allow " + route.judged_action()));
      // The system token overrides other gates, never this one.
      CHECK(ask_filled(route, {world, tenant, world.root()}, filled) == "403 kill_switch_blocked");
    }
    switch_off(world, tenant, Json::array());
    CHECK(ask_filled(route, stage, filled) == route.done());
  }
}

TEST_CASE("a star in the kill switch stops full and telemetry actions, not reads and control") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Stage stage{world, tenant, tenant.owner};
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.has_header_context()) continue;
    INFO(route.name());
    const Filled filled = route.line.fill(stage);
    switch_off(world, tenant, {"*"});
    CHECK(ask_filled(route, stage, filled) == (is_broad(route) ? "403 kill_switch_blocked" : route.done()));
    switch_off(world, tenant, Json::array());
  }
}

TEST_CASE("a kill switch of one env or tenant stops nothing in another") {
  World& world = lenient_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Tenant other = world.new_tenant_with_members();
  switch_off(world, tenant, {"*", "raw_read", "raw_presign"});
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.has_header_context()) continue;
    INFO(route.name());
    const std::string done = route.done();
    CHECK(outcome(ask(route, {world, tenant, tenant.owner, "staging"})) == done);
    CHECK(outcome(ask(route, {world, other, other.owner})) == done);
  }
}

TEST_CASE("who is switched off is refused on every route that has a tenant, and leaves a row") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Person second = world.new_person();
  world.set_member(tenant.id, second.id, "owner");
  for (const char* env : {"dev", "prod"})
    REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, {{"disabled_users", {second.id}}}, env).status == 200);
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.has_tenant() || route.line.access == "system") continue;
    INFO(route.name());
    const Answer answer = ask(route, {world, tenant, second});
    CHECK(outcome(answer) == "403 kill_switch_blocked");
    CHECK(answer.has("nexus-audit-seq"));
  }
}

// ---- neighbours ----------------------------------------------------------------------------------------------------

namespace {

/// Asks for `theirs` and for an id that nobody has: the two answers must be one.
void expect_indistinguishable(World& world, const std::string& method, const std::string& before,
                              const std::string& theirs, const std::string& absent, const std::string& after,
                              const Headers& headers, const std::string& code) {
  INFO(method << " " << before << "{id}" << after);
  const Answer theirs_answer = world.call(method, before + theirs + after, headers);
  CHECK(outcome(theirs_answer) == code);
  CHECK(theirs_answer.body.find(theirs) == std::string::npos);
  CHECK(comparable(theirs_answer) == comparable(world.call(method, before + absent + after, headers)));
}

}  // namespace

TEST_CASE("a neighbour's asset is not there: of another tenant, of another env, for readers, writers and the owner") {
  World& world = lenient_world();
  const Tenant mine = world.new_tenant_with_members();
  const Tenant theirs = world.new_tenant_with_members();
  const std::string absent = "01a20636-66b1-7001-b8d7-953e256aa6b5";
  const std::string foreign = world.registered(theirs.member, theirs.id).asset_id;
  const std::string staged = world.registered(mine.member, mine.id, "staging").asset_id;
  for (const std::string& id : {foreign, staged}) {
    for (const char* role : {"owner", "member", "viewer"}) {
      const Headers headers = World::in(mine.at(role), mine.id);
      expect_indistinguishable(world, "GET", "/nexus/raw/", id, absent, "", headers, "404 raw.not_found");
      expect_indistinguishable(world, "GET", "/nexus/raw/", id, absent, "/download", headers, "404 raw.not_found");
      if (std::string(role) == "viewer") continue;
      expect_indistinguishable(world, "DELETE", "/nexus/raw/", id, absent, "", headers, "404 raw.not_found");
      const auto registering = [&](const std::string& asset) {
        return world.call("POST", "/nexus/raw/register", headers, Json{{"asset_id", asset}, {"filename", "a"}});
      };
      CHECK(outcome(registering(id)) == "404 raw.not_found");
      CHECK(comparable(registering(id)) == comparable(registering(absent)));
    }
  }
  CHECK(world.call("GET", "/nexus/raw", World::in(mine.viewer, mine.id)).json["items"].empty());
  CHECK(world.call("GET", "/nexus/raw/" + foreign, World::in(theirs.viewer, theirs.id)).status == 200);
}

TEST_CASE("ids that cannot be ids are not found, whatever stands in the path") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  for (const char* id : {"..", "%2e%2e", "%2F", "a%00b", "%ff", "a'%20OR%201=1--", "%E2%80%AE"}) {
    INFO(id);
    const int status = world.call("GET", std::string("/nexus/raw/") + id, World::in(tenant.viewer, tenant.id)).status;
    CHECK((status == 404 || status == 400));
  }
  CHECK(outcome(world.call("GET", "/nexus/raw/" + std::string(2000, 'a'), World::in(tenant.viewer, tenant.id))) ==
        "404 raw.not_found");
  const Headers in_a_run = with(World::in(tenant.viewer, tenant.id), {{"X-Run-Id", "\xFF"}});
  CHECK(outcome(world.call("GET", "/nexus/raw", in_a_run)) == "404 run.not_found");
}

TEST_CASE("another's token, and members that are none, are not found") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Person other = world.new_person();
  const std::string absent = "01a20636-66b1-7001-b8d7-953e256aa6b5";
  const std::string token = world.call("GET", "/auth/me", World::as(other)).json["token"]["token_id"];
  expect_indistinguishable(world, "DELETE", "/tokens/", token, absent, "", World::as(tenant.owner),
                           "404 token.not_found");
  expect_indistinguishable(world, "DELETE", "/tenants/" + tenant.id + "/members/", other.id, "u_nobody", "",
                           World::as(tenant.owner), "404 member.not_found");
  CHECK(world.call("GET", "/auth/me", World::as(other)).status == 200);
}

}  // namespace nexus::test
