// Stories of tokens: narrowing, ceilings, agents, revocation, and the system token.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

Answer make(World& world, const Person& who, const Json& wish) {
  return world.call("POST", "/tokens", World::as(who), wish);
}

Json me(World& world, const Person& who) { return world.call("GET", "/auth/me", World::as(who)).json; }

std::string show(World& world, const Person& who, const std::string& tenant, const std::string& env = "dev") {
  return outcome(world.call("GET", "/nexus/raw", World::in(who, tenant, env)));
}

}  // namespace

TEST_CASE("whoami tells user, memberships, and until when") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Json json = me(world, tenant.member);
  CHECK(json["user"]["user_id"] == tenant.member.id);
  CHECK(json["actor_type"] == "human");
  REQUIRE(json["memberships"].size() == 1);
  CHECK(json["memberships"][0]["tenant_id"] == tenant.id);
  CHECK(json["memberships"][0]["role"] == "member");
  CHECK(json["token"]["expires_at"].get<std::string>().ends_with("Z"));
  const Json root = me(world, world.root());
  CHECK(root["user"]["user_id"] == "system");
  CHECK(root["actor_type"] == "system");
  CHECK(root["token"]["expires_at"].is_null());
}

TEST_CASE("a user makes tokens for himself alone; the system token for everybody who is there") {
  World& world = shared_world();
  const Person person = world.new_person();
  const Person other = world.new_person();
  CHECK(outcome(make(world, person, {{"user_id", person.id}})) == "201");
  CHECK(outcome(make(world, person, {{"user_id", other.id}})) == "403 auth.insufficient_role");
  CHECK(outcome(make(world, world.root(), {{"user_id", other.id}})) == "201");
  CHECK(outcome(make(world, world.root(), Json::object())) == "422 validation.failed");
  CHECK(outcome(make(world, world.root(), {{"user_id", "u_nobody"}})) == "404 user.not_found");
}

TEST_CASE("a new token works, is shown once, and is listed without its text") {
  World& world = shared_world();
  const Person person = world.new_person();
  const Answer made = make(world, person, {{"name", "laptop"}, {"ttl_seconds", 60}});
  REQUIRE(made.status == 201);
  const Person again{person.id, made.json["token"]};
  CHECK(me(world, again)["token"]["token_id"] == made.json["token_id"]);
  const Answer listed = world.call("GET", "/tokens", World::as(person));
  CHECK(listed.json["items"].size() == 2);
  CHECK(listed.body.find(again.token) == std::string::npos);
  for (const auto& item : listed.json["items"]) {
    CHECK(!item.contains("token"));
    CHECK(item["user_id"] == person.id);
  }
}

TEST_CASE("a narrowed token lists those of its user's tokens that are no wider than itself") {
  World& world = shared_world();
  const Person person = world.new_person();
  const std::string a = world.new_tenant(), b = world.new_tenant();
  for (const std::string& tenant : {a, b}) world.set_member(tenant, person.id, "admin");
  const auto narrowed = [&](const Json& wish) {
    const Answer made = make(world, person, wish);
    REQUIRE(made.status == 201);
    return std::pair(made.json["token_id"].get<std::string>(), Person{person.id, made.json["token"]});
  };
  const auto [wide_id, wide] = narrowed({{"tenants", {a, b}}, {"role", "admin"}});
  const auto [dev_id, dev] = narrowed({{"tenants", {a}}, {"envs", {"dev"}}, {"role", "member"}});
  const auto [viewer_id, viewer] = narrowed({{"tenants", {a}}, {"envs", {"dev"}}, {"role", "viewer"}});
  const auto listed = [&](const Person& who) {
    std::set<std::string> ids;
    const Answer answer = world.call("GET", "/tokens", World::as(who));
    for (const Json& item : answer.json["items"]) ids.insert(item["token_id"]);
    return ids;
  };
  CHECK(listed(person).size() == 4);
  CHECK(listed(wide) == std::set{wide_id, dev_id, viewer_id});
  CHECK(listed(dev) == std::set{dev_id, viewer_id});
  CHECK(listed(viewer) == std::set{viewer_id});
}

TEST_CASE("a token's life has bounds, and none outlives the token that made it") {
  World& world = shared_world();
  const Person person = world.new_person();
  const auto life = [&](const Person& who, const Json& ttl) {
    return outcome(make(world, who, {{"ttl_seconds", ttl}}));
  };
  CHECK(life(person, 0) == "422 validation.failed");
  CHECK(life(person, -1) == "422 validation.failed");
  CHECK(life(person, 1.5) == "422 validation.failed");
  CHECK(life(person, "60") == "422 validation.failed");
  CHECK(life(person, 365 * 86400 + 1) == "422 validation.failed");
  CHECK(life(person, 365 * 86400) == "403 auth.insufficient_role");  // his own lives 12 h
  CHECK(outcome(make(world, world.root(), {{"user_id", person.id}, {"ttl_seconds", 365 * 86400}})) == "201");
  const Person brief{person.id, world.new_token(person.id, {{"ttl_seconds", 600}})};
  CHECK(life(brief, 601 + 60) == "403 auth.insufficient_role");
  const Answer inherited = make(world, brief, Json::object());
  REQUIRE(inherited.status == 201);
  CHECK(inherited.json["expires_at"] == me(world, brief)["token"]["expires_at"]);
}

TEST_CASE("a token narrows to tenants and envs, and what it makes is no wider") {
  World& world = shared_world();
  const Tenant first = world.new_tenant_with_members();
  const Tenant second = world.new_tenant_with_members();
  const std::string& user = first.owner.id;
  world.set_member(second.id, user, "owner");
  const Person narrow{user, world.new_token(user, {{"tenants", {first.id}}, {"envs", {"DEV", "stage"}}})};
  CHECK(show(world, narrow, first.id) == "200");
  CHECK(show(world, narrow, first.id, "staging") == "200");
  CHECK(show(world, narrow, first.id, "prod") == "403 auth.not_a_member");
  CHECK(show(world, narrow, second.id) == "403 auth.not_a_member");
  CHECK(me(world, narrow)["memberships"].size() == 1);

  CHECK(outcome(make(world, narrow, {{"tenants", {second.id}}})) == "403 auth.insufficient_role");
  CHECK(outcome(make(world, narrow, {{"tenants", {first.id, second.id}}})) == "403 auth.insufficient_role");
  CHECK(outcome(make(world, narrow, {{"envs", {"prod"}}})) == "403 auth.insufficient_role");
  const Answer child = make(world, narrow, Json::object());
  REQUIRE(child.status == 201);
  CHECK(child.json["tenants"] == Json{first.id});
  CHECK(child.json["envs"] == Json({"dev", "staging"}));
  CHECK(show(world, {user, child.json["token"]}, second.id) == "403 auth.not_a_member");
  const Answer nothing = make(world, narrow, {{"tenants", Json::array()}});
  REQUIRE(nothing.status == 201);
  CHECK(show(world, {user, nothing.json["token"]}, first.id) == "403 auth.not_a_member");
}

TEST_CASE("a role in a token is a ceiling, never a grant") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Person low{tenant.owner.id, world.new_token(tenant.owner.id, {{"role", "viewer"}})};
  CHECK(me(world, low)["memberships"][0]["role"] == "viewer");
  CHECK(show(world, low, tenant.id) == "200");
  CHECK(outcome(world.call("GET", "/kill-switches", World::in(low, tenant.id))) == "403 auth.insufficient_role");
  CHECK(outcome(make(world, low, {{"role", "member"}})) == "403 auth.insufficient_role");
  const Answer child = make(world, low, Json::object());
  CHECK(child.json["role"] == "viewer");
  const Person high{tenant.viewer.id, world.new_token(tenant.viewer.id, {{"role", "owner"}})};
  CHECK(outcome(world.call("GET", "/kill-switches", World::in(high, tenant.id))) == "403 auth.insufficient_role");
  CHECK(outcome(make(world, world.root(), {{"user_id", tenant.owner.id}, {"role", "system"}})) ==
        "422 validation.failed");
}

TEST_CASE("an agent makes only agents") {
  World& world = shared_world();
  const Person person = world.new_person();
  const Person agent{person.id, world.new_token(person.id, {{"actor_type", "agent"}})};
  CHECK(me(world, agent)["actor_type"] == "agent");
  CHECK(outcome(make(world, agent, {{"actor_type", "human"}})) == "403 auth.insufficient_role");
  const Answer child = make(world, agent, Json::object());
  CHECK(child.json["actor_type"] == "agent");
  CHECK(me(world, {person.id, child.json["token"]})["actor_type"] == "agent");
  CHECK(outcome(make(world, person, {{"actor_type", "robot"}})) == "422 validation.failed");
}

TEST_CASE("a revoked token is refused from the next request on, and stays so") {
  World& world = shared_world();
  const Person person = world.new_person();
  const Answer made = make(world, person, Json::object());
  const Person other{person.id, made.json["token"]};
  const std::string id = made.json["token_id"];
  CHECK(world.call("GET", "/auth/me", World::as(other)).status == 200);
  CHECK(outcome(world.call("DELETE", "/tokens/" + id, World::as(person))) == "204");
  for (int i = 0; i < 3; ++i)
    CHECK(outcome(world.call("GET", "/auth/me", World::as(other))) == "401 auth.token_revoked");
  CHECK(outcome(world.call("DELETE", "/tokens/" + id, World::as(person))) == "204");
  bool told = false;
  const Answer listed = world.call("GET", "/tokens", World::as(person));
  for (const auto& item : listed.json["items"])
    told = told || (item["token_id"] == id && !item["revoked_at"].is_null());
  CHECK(told);
  CHECK(world.call("GET", "/auth/me", World::as(person)).status == 200);
}

TEST_CASE("a token may revoke itself") {
  World& world = shared_world();
  const Person person = world.new_person();
  const std::string id = me(world, person)["token"]["token_id"];
  CHECK(outcome(world.call("DELETE", "/tokens/" + id, World::as(person))) == "204");
  CHECK(outcome(world.call("GET", "/auth/me", World::as(person))) == "401 auth.token_revoked");
}

TEST_CASE("the system token says why on tenant routes, and need not where identity is kept") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers silent = without(World::in(world.root(), tenant.id), "X-Reason");
  const auto with_reason = [&](const std::string& reason) {
    return outcome(world.call("GET", "/nexus/raw", with(silent, {{"X-Reason", reason}})));
  };
  CHECK(outcome(world.call("GET", "/nexus/raw", silent)) == "400 request.reason_required");
  CHECK(with_reason("") == "400 request.reason_required");
  CHECK(with_reason(std::string(501, 'x')) == "400 request.reason_required");
  CHECK(with_reason("\xFF\xFE") == "400 request.reason_required");
  CHECK(with_reason(std::string(500, 'x')) == "200");
  std::string umlauts;
  for (int i = 0; i < 500; ++i) umlauts += "ü";
  CHECK(with_reason(umlauts) == "200");
  const Headers root = without(World::as(world.root()), "X-Reason");
  CHECK(world.call("GET", "/tenants/" + tenant.id + "/members", root).status == 200);
  CHECK(world.call("GET", "/users", root).status == 200);
  CHECK(world.call("GET", "/kill-switches", with(root, {{"X-Tenant-Id", "t_system"}, {"X-Env", "prod"}})).status ==
        200);
}

TEST_CASE("to the system token alone an absent tenant is not found") {
  World& world = shared_world();
  CHECK(outcome(world.call("GET", "/nexus/raw", World::in(world.root(), "t_absent"))) == "404 tenant.not_found");
  CHECK(outcome(world.call("GET", "/tenants/t_absent", World::as(world.root()))) == "404 tenant.not_found");
  CHECK(outcome(world.call("GET", "/tenants/t_absent/members", World::as(world.root()))) == "404 tenant.not_found");
  CHECK(outcome(world.call("GET", "/tenants/t_absent", World::as(world.dev()))) == "403 auth.not_a_member");
}

TEST_CASE("metrics and verbose readiness are the system token's where nexusd runs without --dev") {
  if (skipped_on_postgres("without --dev it demands objects on S3")) return;
  const TemporaryDirectory directory;
  World world({.data_dir = directory.path() / "data", .dev = false});
  const Person person = world.new_person();
  for (const char* target : {"/metrics", "/metrics?x=1", "/readyz?verbose", "/readyz?x=1&verbose"}) {
    CHECK(outcome(world.call("GET", target, {{"Authorization", "Bearer garbage"}})) == "401 auth.invalid_token");
    CHECK(outcome(world.call("GET", target, {{"Authorization", "Bearer nxr_garbage"}})) == "401 auth.invalid_token");
    INFO(target);
    CHECK(outcome(world.call("GET", target)) == "401 auth.missing_token");
    CHECK(outcome(world.call("GET", target, World::as(person))) == "403 auth.insufficient_role");
    CHECK(world.call("GET", target, World::as(world.root())).status == 200);
  }
  CHECK(world.call("GET", "/readyz").json == Json{{"status", "ready"}});
}

}  // namespace nexus::test
