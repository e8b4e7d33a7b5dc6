// The operator's switches, which stop every tenant, and agents while autonomy is off. Each test has a daemon of its
// own: what it switches off is off for everybody.
#include "store/identity.hpp"
#include "tests/api/kill_switch_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/opened_store.hpp"

namespace nexus::test {
namespace {

Answer everywhere(World& world, const Json& body, const std::string& env = "dev") {
  return world.put_kill_switches(world.root(), "t_system", body, env);
}

std::string presign(World& world, const Tenant& tenant, const std::string& env = "dev") {
  return outcome(world.call("POST", "/nexus/raw/presign-upload", World::in(tenant.member, tenant.id, env),
                            Json{{"filename", "a"}}));
}

}  // namespace

TEST_CASE("a switch of (t_system, env) stops this env of every tenant, and says that the operator lifts it", "[kill]") {
  World world;
  const Tenant one = world.new_tenant_with_members(), other = world.new_tenant_with_members();
  REQUIRE(everywhere(world, {{"disabled_actions", {"*"}}, {"reason", "not for tenants"}}).status == 200);
  for (const Tenant& tenant : {one, other}) {
    CHECK(presign(world, tenant) == "403 kill_switch_blocked");
    CHECK(presign(world, tenant, "staging") == "409 strategy_lock_required");
    CHECK(outcome(world.call("GET", "/nexus/raw", World::in(tenant.member, tenant.id))) == "200");
  }
  const Answer refused =
      world.call("POST", "/nexus/raw/presign-upload", World::in(one.owner, one.id), Json{{"filename", "a"}});
  CHECK(refused.json.at("detail").get<std::string>().find("only the operator lifts it") != std::string::npos);
  CHECK(refused.json.at("remedy") == "nexusctl kill everywhere allow '*' --token-file FILE");
  CHECK(refused.body.find("not for tenants") == std::string::npos);

  const Answer shown = world.call("GET", "/kill-switches", World::in(one.admin, one.id));
  const Json star = {{"kind", "action"}, {"name", "*"}, {"expires_at", nullptr}};
  CHECK(shown.json.at("everywhere") == Json::array({star}));
  CHECK(shown.json.at("disabled_actions").empty());
  CHECK(shown.body.find("not for tenants") == std::string::npos);
  const Json allow = {{"allow", {entry("action", "raw_presign")}}};
  const Answer vain = world.call("PATCH", "/kill-switches", World::in(one.admin, one.id), allow);
  CHECK(vain.json.at("still_stopped").at(0).at("everywhere") == true);

  REQUIRE(everywhere(world, {{"disabled_actions", Json::array()}}).status == 200);
  CHECK(presign(world, one) == "200");
}

TEST_CASE("one request stops all envs of every tenant, and one lifts it", "[kill]") {
  World world;
  const Tenant tenant = world.new_tenant_with_members();
  const auto ask = [&](const Json& body) {
    return world.call("POST", "/tenants/t_system/kill-switches", World::as(world.root()), body);
  };
  const Answer blocked = ask({{"block", {entry("action", "raw_presign")}}});
  REQUIRE(outcome(blocked) == "200");
  CHECK(blocked.json.at("items").size() == 3);
  for (const char* env : {"dev", "staging"}) CHECK(presign(world, tenant, env) == "403 kill_switch_blocked");
  REQUIRE(outcome(ask({{"allow", {entry("action", "raw_presign")}}})) == "200");
  CHECK(presign(world, tenant) == "200");
}

TEST_CASE("only the system role writes what holds everywhere, whoever is a member of t_system", "[kill]") {
  World world;
  const Person boss = world.new_person();
  world.set_member("t_system", boss.id, "owner");
  const Tenant tenant = world.new_tenant_with_members();
  const Json stop = {{"disabled_actions", {"*"}}};
  CHECK(outcome(world.put_kill_switches(boss, "t_system", stop)) == "403 auth.insufficient_role");
  CHECK(outcome(world.call("PATCH", "/kill-switches", World::in(boss, "t_system"), Json::object())) ==
        "403 auth.insufficient_role");
  CHECK(outcome(world.call("POST", "/tenants/t_system/kill-switches", World::as(boss), Json::object())) ==
        "403 auth.insufficient_role");
  CHECK(outcome(world.call("GET", "/kill-switches", World::in(boss, "t_system"))) == "200");
  CHECK(outcome(world.call("POST", "/tenants/t_system/kill-switches", World::as(tenant.owner), stop)) ==
        "403 auth.not_a_member");
  CHECK(presign(world, tenant) == "200");
}

TEST_CASE("who is switched off everywhere is told to no tenant but his own", "[kill]") {
  World world;
  const Tenant mine = world.new_tenant_with_members(), other = world.new_tenant_with_members();
  const Person& user = mine.member;
  REQUIRE(everywhere(world, {{"disabled_users", {user.id}}}).status == 200);
  CHECK(outcome(world.call("GET", "/nexus/raw", World::in(user, mine.id))) == "403 kill_switch_blocked");
  CHECK(outcome(world.call("GET", "/auth/me", World::as(user))) == "200");
  const auto shown = [&](const Tenant& tenant) {
    return world.call("GET", "/kill-switches", World::in(tenant.admin, tenant.id)).json.at("everywhere");
  };
  CHECK(shown(mine).size() == 1);
  CHECK(shown(other).empty());
  REQUIRE(everywhere(world, {{"disabled_users", {user.id}}}, "prod").status == 200);
  CHECK(outcome(world.call("GET", "/auth/me", World::as(user))) == "403 kill_switch_blocked");
}

TEST_CASE("what t_system's switches held before they held for everybody is cleared, and a row says so once", "[kill]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  { DaemonProcess made({.data_dir = data}); }
  OpenedStore(data).change([](store::Tx& tx) {
    store::put_meta(tx, "kill_switches_cleared",
                    R"({"dev":{"disabled_actions":["*"]},"prod":{"disable_autonomy":true}})");
  });
  for (int start = 0; start < 2; ++start) {
    World world({.data_dir = data});
    const auto rows = [&](const std::string& env) {
      const Headers headers = World::in(world.root(), "t_system", env);
      return world.call("GET", "/audit?action=kill_switch_update", headers).json.at("items");
    };
    REQUIRE(rows("dev").size() == 1);
    CHECK(rows("dev")[0].at("details").at("cleared").at("disabled_actions") == Json{"*"});
    CHECK(rows("prod").size() == 1);
    CHECK(rows("staging").empty());
    CHECK((world.daemon().log().find("kill switches of t_system were cleared") != std::string::npos) == (start == 0));
  }
}

// ---- autonomy ------------------------------------------------------------------------------------------------------

TEST_CASE("while autonomy is off no agent configures anything, and what only tightens passes", "[kill]") {
  World world;
  const Tenant tenant = world.new_tenant_with_members();
  const Person agent{tenant.owner.id, world.new_token(tenant.owner.id, {{"actor_type", "agent"}})};
  const auto ask = [&](const std::string& method, const std::string& target, const Json& body) {
    return outcome(world.call(method, target, World::in(agent, tenant.id), body));
  };
  REQUIRE(world.put_kill_switches(tenant.admin, tenant.id, {{"disable_autonomy", true}}).status == 200);
  CHECK(ask("PUT", "/kill-switches", {{"disable_autonomy", false}}) == "403 kill_switch_blocked");
  CHECK(ask("PATCH", "/kill-switches", {{"allow", {{{"kind", "autonomy"}}}}}) == "403 kill_switch_blocked");
  CHECK(ask("POST", "/firearms/licences",
            {{"subject_type", "user"}, {"subject_id", tenant.owner.id}, {"level", "high"}}) ==
        "403 kill_switch_blocked");
  const auto budget = [&](int micros) {
    return ask(
        "PUT", "/budget/policies",
        {{"surface", "cards"}, {"threshold", {{"amount_micros", micros}, {"currency", "USD"}}}, {"window_days", 1}});
  };
  CHECK(budget(1) == "200");  // where nothing was configured, a first budget only tightens
  CHECK(budget(2) == "403 kill_switch_blocked");
  CHECK(ask("POST", "/strategy-locks", {{"scope", "other"}, {"title", "x"}, {"allowed_actions", {"*"}}}) ==
        "403 kill_switch_blocked");
  CHECK(ask("PATCH", "/kill-switches", {{"block", {entry("action", "raw_presign")}}}) == "200");
  CHECK(outcome(world.call("GET", "/kill-switches", World::in(agent, tenant.id))) == "200");
}

TEST_CASE("an agent's identity changes are judged by prod: the tenant's under its path, t_system's elsewhere",
          "[kill]") {
  World world;
  const Tenant tenant = world.new_tenant_with_members();
  const Person agent{tenant.owner.id, world.new_token(tenant.owner.id, {{"actor_type", "agent"}})};
  const auto set_role = [&](const Person& who, const char* role) {
    const std::string target = "/tenants/" + tenant.id + "/members/" + tenant.viewer.id;
    return outcome(world.call("PUT", target, World::as(who), Json{{"role", role}}));
  };
  const auto make_token = [&](const Person& who) {
    return outcome(world.call("POST", "/tokens", World::as(who), Json{{"actor_type", "agent"}}));
  };
  const auto off = [&](const Person& who, const std::string& of, const std::string& env) {
    REQUIRE(world.put_kill_switches(who, of, {{"disable_autonomy", true}}, env).status == 200);
  };
  off(tenant.owner, tenant.id, "dev");
  CHECK(set_role(agent, "member") == "200");
  off(tenant.owner, tenant.id, "prod");
  CHECK(set_role(agent, "admin") == "403 kill_switch_blocked");
  CHECK(set_role(tenant.owner, "admin") == "200");
  CHECK(make_token(agent) == "201");
  off(world.root(), "t_system", "prod");
  CHECK(make_token(agent) == "403 kill_switch_blocked");
  CHECK(make_token(tenant.owner) == "201");
}

}  // namespace nexus::test
