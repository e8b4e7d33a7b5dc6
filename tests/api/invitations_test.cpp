// Invitations: an owner or admin adds nobody unasked and learns of nobody; who is invited answers for himself.
#include "daemon/base/clock.hpp"
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

const std::string kNotInvited = "404 invitation.not_found";
const std::string kNotMember = "403 auth.not_a_member";
const std::string kTooLow = "403 auth.insufficient_role";

struct House {
  World& world = shared_world();
  Tenant tenant = shared_world().new_tenant_with_members();
  Person guest = shared_world().new_person();

  Answer put(const Person& who, const std::string& user, const std::string& role) {
    return world.call("PUT", "/tenants/" + tenant.id + "/members/" + user, World::as(who), Json{{"role", role}});
  }
  void invite(const Person& who, const std::string& role = "viewer") {
    const Answer answer = put(who, guest.id, role);
    REQUIRE(outcome(answer) == "201");
    REQUIRE(answer.json.at("status") == "invited");
  }
  Answer remove(const Person& who, const std::string& user) {
    return world.call("DELETE", "/tenants/" + tenant.id + "/members/" + user, World::as(who));
  }
  Answer accept(const std::string& role, const std::string& token = {}) {
    const Person who{guest.id, token.empty() ? guest.token : token};
    return world.call("POST", "/auth/memberships/" + tenant.id, World::as(who), Json{{"role", role}});
  }
  Answer decline(const Person& who) { return world.call("DELETE", "/auth/memberships/" + tenant.id, World::as(who)); }
  Json mine(const std::string& token = {}) {
    const Person who{guest.id, token.empty() ? guest.token : token};
    return world.call("GET", "/auth/me", World::as(who)).json.at("invitations");
  }
  Json open(const std::string& query = "") {
    return world.call("GET", "/tenants/" + tenant.id + "/members?status=invited" + query, World::as(tenant.admin)).json;
  }
  std::string see() { return outcome(world.call("GET", "/tenants/" + tenant.id, World::as(guest))); }
  /// Action and subject of the newest row of the tenant's chain of env prod.
  std::string newest_row() {
    const Json items = world.call("GET", "/audit?limit=1", World::in(tenant.owner, tenant.id, "prod")).json.at("items");
    const Json& body = items.at(0).at("body");
    return body.at("action").get<std::string>() + " " + body.at("subject").at("id").get<std::string>();
  }
};

/// What differs between two users by their names and times alone is cut out.
Json without_names(Json json) {
  json.erase("user_id");
  json.erase("expires_at");
  return json;
}

}  // namespace

TEST_CASE("an owner or admin invites, and the answer does not tell who exists") {
  House house;
  for (const char* role : {"owner", "admin"}) {
    INFO(role);
    const Answer exists = house.put(house.tenant.at(role), house.world.new_person().id, "member");
    const Answer nobody = house.put(house.tenant.at(role), house.world.new_id("u_nobody"), "member");
    CHECK(outcome(exists) == "201");
    CHECK(outcome(nobody) == "201");
    CHECK(exists.json.at("status") == "invited");
    CHECK(exists.json.at("since").is_null());
    CHECK(exists.json.at("invited_by") == house.tenant.at(role).id);
    CHECK(without_names(exists.json) == without_names(nobody.json));
  }
  CHECK(outcome(house.put(house.tenant.owner, "not-a-user", "viewer")) == "404 user.not_found");
  CHECK(outcome(house.put(house.tenant.member, house.guest.id, "viewer")) == kTooLow);
  CHECK(outcome(house.put(house.tenant.admin, house.guest.id, "owner")) == kTooLow);
}

TEST_CASE("an invitation grants nothing, and its acceptance makes a member") {
  House house;
  const Micros before = now_micros();
  house.invite(house.tenant.admin, "member");
  CHECK(house.newest_row() == "member_invite " + house.guest.id);
  CHECK(house.see() == kNotMember);
  CHECK(outcome(house.remove(house.guest, house.guest.id)) == kNotMember);
  const Json members =
      house.world.call("GET", "/tenants/" + house.tenant.id + "/members", World::as(house.tenant.admin)).json;
  CHECK(members.at("items").size() == 4);
  for (const auto& item : members.at("items")) CHECK(item.at("status") == "active");
  REQUIRE(house.open().at("items").size() == 1);
  CHECK(house.open().at("items").at(0).at("user_id") == house.guest.id);

  const Json mine = house.mine();
  REQUIRE(mine.size() == 1);
  CHECK(mine.at(0).at("tenant_id") == house.tenant.id);
  CHECK(mine.at(0).at("role") == "member");
  CHECK(mine.at(0).at("invited_by") == house.tenant.admin.id);
  const Micros ends = *parse_rfc3339(mine.at(0).at("expires_at").get<std::string>());
  CHECK(ends >= before + 14 * kDay - kSecond);
  CHECK(ends <= now_micros() + 14 * kDay);

  const Answer accepted = house.accept("member");
  CHECK(outcome(accepted) == "201");
  CHECK(accepted.json.at("status") == "active");
  CHECK(accepted.json.at("role") == "member");
  CHECK(house.newest_row() == "member_accept " + house.guest.id);
  CHECK(house.see() == "200");
  CHECK(house.mine().empty());
  CHECK(house.open().at("items").empty());
  CHECK(outcome(house.accept("member")) == kNotInvited);
  CHECK(outcome(house.put(house.tenant.owner, house.guest.id, "viewer")) == "200");  // a member's role changes at once
}

TEST_CASE("only what is offered is accepted, and what is offered may change") {
  House house;
  house.invite(house.tenant.owner, "owner");
  CHECK(outcome(house.accept("viewer")) == "409 invitation.changed");
  CHECK(outcome(house.put(house.tenant.admin, house.guest.id, "viewer")) == kTooLow);
  CHECK(outcome(house.remove(house.tenant.admin, house.guest.id)) == kTooLow);
  house.invite(house.tenant.owner, "viewer");
  CHECK(house.open().at("items").size() == 1);
  CHECK(outcome(house.accept("owner")) == "409 invitation.changed");
  CHECK(outcome(house.accept("king")) == "422 validation.failed");
  CHECK(house.see() == kNotMember);
  CHECK(outcome(house.accept("viewer")) == "201");
}

TEST_CASE("a human accepts, with a token that is not narrowed, or narrowed to this tenant") {
  House house;
  const std::string other = house.world.new_tenant();
  for (const std::string& tenant : {house.tenant.id, other}) house.world.set_member(tenant, house.guest.id, "viewer");
  const std::string here = house.world.new_token(house.guest.id, {{"tenants", {house.tenant.id}}});
  const std::string elsewhere = house.world.new_token(house.guest.id, {{"tenants", {other}}});
  REQUIRE(outcome(house.remove(house.tenant.owner, house.guest.id)) == "204");
  house.invite(house.tenant.owner);
  const auto token = [&](const Json& wish) { return house.world.new_token(house.guest.id, wish); };
  CHECK(outcome(house.accept("viewer", token({{"actor_type", "agent"}}))) == kTooLow);
  CHECK(outcome(house.accept("viewer", token({{"role", "owner"}}))) == kTooLow);
  CHECK(outcome(house.accept("viewer", token({{"envs", {"dev", "staging", "prod"}}}))) == kTooLow);
  CHECK(outcome(house.accept("viewer", elsewhere)) == kNotMember);
  CHECK(house.mine(elsewhere).empty());
  CHECK(outcome(house.decline({house.guest.id, elsewhere})) == kNotMember);
  CHECK(outcome(house.decline({house.guest.id, token({{"envs", {"dev"}}})})) == kNotMember);
  CHECK(house.see() == kNotMember);
  CHECK(house.mine(here).size() == 1);
  CHECK(outcome(house.accept("viewer", here)) == "201");
}

TEST_CASE("an invitation ends with its inviter's membership or rank, and when it is withdrawn") {
  House house;
  const Person& root = house.world.root();
  house.invite(house.tenant.admin);
  REQUIRE(outcome(house.remove(house.tenant.owner, house.tenant.admin.id)) == "204");
  CHECK(outcome(house.accept("viewer")) == kNotInvited);
  house.world.set_member(house.tenant.id, house.tenant.admin.id, "admin");
  CHECK(outcome(house.accept("viewer")) == kNotInvited);  // it does not come back

  house.invite(house.tenant.admin);
  REQUIRE(outcome(house.put(house.tenant.owner, house.tenant.admin.id, "member")) == "200");
  CHECK(house.mine().empty());
  REQUIRE(outcome(house.put(root, house.tenant.admin.id, "owner")) == "200");
  house.invite(house.tenant.admin, "owner");
  REQUIRE(outcome(house.put(house.tenant.owner, house.tenant.admin.id, "admin")) == "200");
  CHECK(house.mine().empty());

  house.invite(house.tenant.owner, "admin");
  REQUIRE(outcome(house.remove(house.tenant.admin, house.guest.id)) == "204");
  CHECK(outcome(house.accept("admin")) == kNotInvited);
  CHECK(outcome(house.remove(house.tenant.admin, house.guest.id)) == "404 member.not_found");
}

TEST_CASE("one declines, and leaves, by the same request; the last owner stays") {
  House house;
  house.invite(house.tenant.owner);
  CHECK(outcome(house.decline(house.guest)) == "204");
  CHECK(house.newest_row() == "member_decline " + house.guest.id);
  CHECK(outcome(house.decline(house.guest)) == kNotInvited);
  CHECK(outcome(house.accept("viewer")) == kNotInvited);
  CHECK(outcome(house.decline(house.tenant.viewer)) == "204");
  CHECK(house.newest_row() == "member_remove " + house.tenant.viewer.id);
  CHECK(outcome(house.world.call("GET", "/tenants/" + house.tenant.id, World::as(house.tenant.viewer))) == kNotMember);
  CHECK(outcome(house.decline(house.tenant.owner)) == "409 membership.last_owner");
}

TEST_CASE("who was not invited learns nothing, not even whether the tenant is there") {
  House house;
  const auto ask = [&](const std::string& method, const std::string& tenant) {
    return house.world.call(method, "/auth/memberships/" + tenant, World::as(house.guest),
                            std::string(method == "POST" ? R"({"role":"viewer"})" : ""));
  };
  for (const char* method : {"POST", "DELETE"}) {
    CHECK(outcome(ask(method, house.tenant.id)) == kNotInvited);
    CHECK(comparable(ask(method, house.tenant.id)) == comparable(ask(method, "t_absent")));
    CHECK(outcome(ask(method, "t_unknown")) == "400 context.invalid_tenant");
  }
}

TEST_CASE("the system token makes members at once, of users that there are") {
  House house;
  house.invite(house.tenant.owner);
  const Answer made = house.put(house.world.root(), house.guest.id, "member");
  CHECK(outcome(made) == "201");
  CHECK(made.json.at("status") == "active");
  CHECK(house.see() == "200");
  CHECK(house.open().at("items").empty());
  CHECK(outcome(house.put(house.world.root(), house.world.new_id("u_nobody"), "member")) == "404 user.not_found");
}

TEST_CASE("nobody joins a suspended tenant; declining and leaving it go on") {
  House house;
  house.invite(house.tenant.owner);
  house.world.set_status(house.tenant.id, "suspended");
  CHECK(outcome(house.accept("viewer")) == "403 tenant.suspended");
  CHECK(outcome(house.decline(house.guest)) == "204");
  CHECK(outcome(house.decline(house.tenant.viewer)) == "204");
  house.world.set_status(house.tenant.id, "disabled");
  CHECK(outcome(house.decline(house.tenant.member)) == "403 tenant.disabled");
  CHECK(outcome(house.decline(house.guest)) == kNotInvited);
}

TEST_CASE("at most 256 invitations are open in a tenant, and they are listed in pages") {
  House house;
  for (int i = 0; i < 256; ++i)
    REQUIRE(outcome(house.put(house.tenant.admin, "u_invited" + std::to_string(i), "viewer")) == "201");
  const Answer full = house.put(house.tenant.admin, house.guest.id, "viewer");
  CHECK(outcome(full) == "409 limit.reached");
  CHECK(full.json.at("remedy") == "nexusctl member invitations");
  CHECK(outcome(house.put(house.tenant.admin, "u_invited7", "member")) == "201");  // changes one that is open
  REQUIRE(outcome(house.remove(house.tenant.admin, "u_invited7")) == "204");
  CHECK(outcome(house.put(house.tenant.admin, house.guest.id, "viewer")) == "201");
  std::set<std::string> seen;
  Json page = house.open("&limit=100");
  for (;;) {
    for (const auto& item : page.at("items")) CHECK(seen.insert(item.at("user_id").get<std::string>()).second);
    if (page.at("next_cursor").is_null()) break;
    page = house.open("&limit=100&cursor=" + page.at("next_cursor").get<std::string>());
  }
  CHECK(seen.size() == 256);
}

}  // namespace nexus::test
