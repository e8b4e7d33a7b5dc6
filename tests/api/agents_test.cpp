// What an agent is told when it does what only a human may: that it is one, and who does it instead.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"

namespace nexus::test {
namespace {

bool says(const Answer& answer, std::string_view words) {
  return answer.json.value("detail", "").find(words) != std::string::npos;
}

struct Act {
  std::string method, target;
  Json body;
};

TEST_CASE("an agent is told what only a human does, and that a person does it", "[agents]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members(), other = world.new_tenant_with_members();
  const std::string& owner = tenant.owner.id;
  const Person agent{owner, world.new_token(owner, {{"actor_type", "agent"}})};
  REQUIRE(
      world.call("PUT", "/tenants/" + other.id + "/members/" + owner, World::as(other.owner), Json{{"role", "viewer"}})
          .status == 201);
  const std::string mine = "/privacy/training/users/" + owner;
  REQUIRE(world.call("PUT", mine, World::in(agent, tenant.id), Json{{"opt_out", true}}).status == 200);
  const Json reason = {{"reason", "a mistake"}};
  const std::vector<Act> acts = {{"POST", "/budget/usage/u.1/void", reason},
                                 {"POST", "/kpi/observations/o.1/void", reason},
                                 {"PUT", mine, {{"opt_out", false}}},
                                 {"POST", "/tokens", {{"actor_type", "human"}}},
                                 {"POST", "/auth/memberships/" + other.id, {{"role", "viewer"}}}};
  for (const Act& act : acts) {
    INFO(act.target);
    const bool in_tenant = !act.target.starts_with("/tokens") && !act.target.starts_with("/auth");
    const Answer answer =
        world.call(act.method, act.target, in_tenant ? World::in(agent, tenant.id) : World::as(agent), act.body);
    CHECK(outcome(answer) == "403 auth.insufficient_role");
    CHECK(says(answer, "human"));
    CHECK(says(answer, "agent"));
    CHECK(says(answer, "a person "));
  }
}

TEST_CASE("while autonomy is off an agent is told who lets it act again", "[agents][kill]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Person agent{tenant.owner.id, world.new_token(tenant.owner.id, {{"actor_type", "agent"}})};
  REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, {{"disable_autonomy", true}}).status == 200);
  const Answer answer = world.put_kill_switches(agent, tenant.id, {{"disable_autonomy", false}});
  CHECK(outcome(answer) == "403 kill_switch_blocked");
  CHECK(says(answer, "a human who is admin or owner lifts it"));
}

TEST_CASE("an agent that may not run the line to try is told whom to ask; one that may is not", "[agents][kill]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, {{"disabled_actions", {"raw_presign"}}}).status == 200);
  const auto presigns = [&](const Person& person, const char* type) {
    const Person actor{person.id, world.new_token(person.id, {{"actor_type", type}})};
    return world.call("POST", "/nexus/raw/presign-upload", World::in(actor, tenant.id), Json{{"filename", "a.txt"}});
  };
  const Answer refused = presigns(tenant.member, "agent");
  CHECK(outcome(refused) == "403 kill_switch_blocked");
  CHECK(says(refused, "ask an admin or owner"));
  CHECK_FALSE(says(presigns(tenant.owner, "agent"), "ask an admin or owner"));
  CHECK_FALSE(says(presigns(tenant.member, "human"), "ask an admin or owner"));
}

TEST_CASE("a role that is too low is told apart from a token that is narrowed", "[agents]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Person narrow{tenant.owner.id, world.new_token(tenant.owner.id, {{"role", "viewer"}})};
  CHECK(says(world.call("GET", "/kill-switches", World::in(tenant.member, tenant.id)), "yours is member"));
  CHECK(says(world.call("GET", "/kill-switches", World::in(narrow, tenant.id)), "token is narrowed to a lower one"));
}

}  // namespace
}  // namespace nexus::test
