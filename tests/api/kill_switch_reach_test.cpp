// Ways around a kill switch that are none: another env, another door, an end that somebody plants, a stream.
#include "tests/api/kill_switch_support.hpp"
#include "tests/api/ws_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// A tenant with a second owner, and its document of prod.
struct Reach : Switches {
  Person second = [this] {
    Person person = world.new_person();
    world.set_member(tenant.id, person.id, "owner");
    return person;
  }();

  std::string at_tenant(const std::string& method, const std::string& rest, const Person& who, const Json& body) {
    return outcome(world.call(method, "/tenants/" + tenant.id + rest, World::as(who), body));
  }
  std::string in_prod(const std::string& method, const Person& who, const Json& body) {
    return outcome(world.call(method, "/kill-switches", World::in(who, tenant.id, "prod"), body));
  }
  /// Who the newest refusal of this action stands for in the chain of prod, or "none".
  std::string last_block(const std::string& action) {
    const Json rows =
        world.call("GET", "/audit?result=BLOCK&action=" + action, World::in(tenant.owner, tenant.id, "prod"))
            .json.at("items");
    return rows.empty() ? "none" : rows.at(0).at("body").at("actor").at("id").get<std::string>();
  }
  Json entries() {
    return world.call("GET", "/kill-switches", World::in(tenant.owner, tenant.id, "prod")).json.at("entries");
  }
};

}  // namespace

TEST_CASE("an env that a route under a tenant does not stand in is refused, never passed over", "[kill]") {
  Reach reach;
  const Json search = {entry("action", "search")};
  CHECK(reach.at_tenant("POST", "/kill-switches", reach.tenant.owner, {{"env", "dev"}, {"block", search}}) ==
        "400 context.mismatch");
  CHECK(reach.at_tenant("POST", "/kill-switches?env=dev", reach.tenant.owner, {{"block", search}}) ==
        "400 context.mismatch");
  CHECK(reach.entries().empty());
  CHECK(reach.at_tenant("PUT", "/members/" + reach.tenant.viewer.id, reach.tenant.owner,
                        {{"role", "viewer"}, {"env", "dev"}}) == "400 context.mismatch");
  CHECK(reach.at_tenant("PUT", "/members/" + reach.tenant.viewer.id, reach.tenant.owner,
                        {{"role", "viewer"}, {"env", "prod"}}) == "200");
}

TEST_CASE("who is stopped in prod does not act on other envs by the route of the tenant", "[kill]") {
  Reach reach;
  const Person agent{reach.tenant.owner.id, reach.world.new_token(reach.tenant.owner.id, {{"actor_type", "agent"}})};
  REQUIRE(reach.in_prod("PATCH", reach.tenant.owner,
                        {{"block", {entry("user", reach.tenant.admin.id), {{"kind", "autonomy"}}}}}) == "200");
  const Json provider = {entry("provider", "x")};
  CHECK(reach.at_tenant("POST", "/kill-switches", reach.tenant.admin, {{"envs", {"dev"}}, {"block", provider}}) ==
        "403 kill_switch_blocked");
  REQUIRE(reach.at_tenant("POST", "/kill-switches", reach.tenant.owner, {{"envs", {"dev"}}, {"block", provider}}) ==
          "200");
  CHECK(reach.at_tenant("POST", "/kill-switches", agent, {{"envs", {"dev"}}, {"allow", provider}}) ==
        "403 kill_switch_blocked");
  const Json other = {entry("provider", "y")};
  CHECK(reach.at_tenant("POST", "/kill-switches", agent, {{"envs", {"dev"}}, {"block", other}}) == "200");
}

TEST_CASE("who is switched off neither leaves nor enters by his own door", "[kill]") {
  Reach reach;
  const Person guest = reach.world.new_person();
  REQUIRE(reach.at_tenant("PUT", "/members/" + guest.id, reach.tenant.owner, {{"role", "viewer"}}) == "201");
  REQUIRE(reach.in_prod("PATCH", reach.tenant.owner,
                        {{"block", {entry("user", reach.tenant.member.id), entry("user", guest.id)}}}) == "200");
  const std::string door = "/auth/memberships/" + reach.tenant.id;
  CHECK(outcome(reach.world.call("DELETE", door, World::as(reach.tenant.member))) == "403 kill_switch_blocked");
  CHECK(reach.last_block("member_decline") == reach.tenant.member.id);
  CHECK(outcome(reach.world.call("POST", door, World::as(guest), Json{{"role", "viewer"}})) ==
        "403 kill_switch_blocked");
  CHECK(reach.last_block("member_accept") == guest.id);
}

TEST_CASE("who has nothing in a tenant is not told who is switched off there", "[kill]") {
  Reach reach;
  const Person stranger = reach.world.new_person();
  REQUIRE(reach.in_prod("PATCH", reach.tenant.owner, {{"block", {entry("user", stranger.id)}}}) == "200");
  const std::string door = "/auth/memberships/" + reach.tenant.id;
  CHECK(outcome(reach.world.call("DELETE", door, World::as(stranger))) == "404 invitation.not_found");
  CHECK(outcome(reach.world.call("POST", door, World::as(stranger), Json{{"role", "viewer"}})) ==
        "404 invitation.not_found");
}

TEST_CASE("the last owner who can act stays", "[kill]") {
  Reach reach;
  REQUIRE(reach.in_prod("PATCH", reach.tenant.owner, {{"block", {entry("user", reach.second.id)}}}) == "200");
  CHECK(outcome(reach.world.call("DELETE", "/auth/memberships/" + reach.tenant.id, World::as(reach.tenant.owner))) ==
        "409 membership.last_owner");
  CHECK(reach.at_tenant("PUT", "/members/" + reach.tenant.owner.id, reach.tenant.owner, {{"role", "viewer"}}) ==
        "409 membership.last_owner");
}

TEST_CASE("an admin keeps no owner switched off longer than an owner said", "[kill]") {
  Reach reach;
  REQUIRE(reach.in_prod("PATCH", reach.tenant.owner,
                        {{"block", {entry("user", reach.second.id, {{"expires_at", in_seconds(600)}})}}}) == "200");
  CHECK(reach.in_prod("PATCH", reach.tenant.admin,
                      {{"block", {entry("user", reach.second.id, {{"expires_at", nullptr}})}}}) ==
        "403 auth.insufficient_role");
  CHECK(reach.in_prod("PATCH", reach.tenant.owner,
                      {{"block", {entry("user", reach.second.id, {{"expires_at", nullptr}})}}}) == "200");
}

TEST_CASE("an end that is planted before anything is switched off is gated", "[kill]") {
  Reach reach;
  CHECK(reach.in_prod("PUT", reach.tenant.admin, {{"expires_at", in_seconds(3)}}) == "409 strategy_lock_required");
  // With something to stop, the end is that of what is stopped.
  CHECK(reach.in_prod("PUT", reach.tenant.admin, {{"disabled_actions", {"search"}}, {"expires_at", in_seconds(600)}}) ==
        "200");
}

TEST_CASE("a gesture is stopped by the switches that stop a message", "[kill][ws]") {
  Reach reach;
  const std::string thread = new_thread(reach.world, reach.tenant);
  WsWire wire = joined(reach.world, reach.tenant.member, reach.tenant, thread);
  REQUIRE(reach.put({{"disabled_actions", {"chat_message_create"}}}).status == 200);
  wire.say({{"type", "gesture"}, {"data", {{"n", 1}}}});
  const Json refused = wire.await({"gesture", "error"});
  CHECK(outcome_of_frame(refused) == "403 kill_switch_blocked");
  saw_receipt(reach.world, refused);
  CHECK(refused.contains("audit_seq"));
  REQUIRE(reach.put({{"disabled_actions", Json::array()}}).status == 200);
  wire.say({{"type", "gesture"}, {"data", {{"n", 2}}}});
  CHECK(wire.await({"gesture", "error"}).at("type") == "gesture");
}

TEST_CASE("an agent does not take back what its person opted out of", "[privacy]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string target = "/privacy/training/users/" + tenant.member.id;
  const Person agent{tenant.member.id, world.new_token(tenant.member.id, {{"actor_type", "agent"}})};
  const auto put = [&](const Person& who, bool opt_out) {
    return outcome(world.call("PUT", target, World::in(who, tenant.id), Json{{"opt_out", opt_out}}));
  };
  REQUIRE(put(agent, true) == "200");
  CHECK(put(agent, false) == "403 auth.insufficient_role");
  CHECK(put(tenant.member, false) == "200");
}

}  // namespace nexus::test
