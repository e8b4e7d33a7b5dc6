// Stories of tenants, users and memberships: who may make, see, change and leave.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

Answer set_role(World& world, const Person& who, const std::string& tenant, const std::string& user,
                const std::string& role) {
  return world.call("PUT", "/tenants/" + tenant + "/members/" + user, World::as(who), Json{{"role", role}});
}

Answer remove(World& world, const Person& who, const std::string& tenant, const std::string& user) {
  return world.call("DELETE", "/tenants/" + tenant + "/members/" + user, World::as(who));
}

std::set<std::string> ids(const Answer& answer, const char* name) {
  std::set<std::string> out;
  for (const auto& item : answer.json.at("items")) out.insert(item.at(name).get<std::string>());
  return out;
}

}  // namespace

TEST_CASE("a tenant is made once, found, renamed and listed") {
  World& world = shared_world();
  const std::string id = world.new_id("t");
  const Json wish = {{"tenant_id", id}, {"name", "First"}};
  const Answer made = world.call("POST", "/tenants", World::as(world.root()), wish);
  REQUIRE(made.status == 201);
  CHECK(made.header("location") == world.daemon().address() + "/tenants/" + id);
  CHECK(made.json["status"] == "active");
  CHECK(made.json["created_by"] == "system");
  CHECK(outcome(world.call("POST", "/tenants", World::as(world.root()), wish)) == "409 tenant.exists");

  const Answer renamed = world.call("PATCH", "/tenants/" + id, World::as(world.root()), Json{{"name", "Second"}});
  CHECK(renamed.json["name"] == "Second");
  CHECK(renamed.json["status"] == "active");
  CHECK(world.call("GET", "/tenants/" + id, World::as(world.root())).json == renamed.json);
  CHECK(ids(world.call("GET", "/tenants?limit=200", World::as(world.root())), "tenant_id").contains(id));
}

TEST_CASE("tenant ids keep to their form, and t_unknown is never one") {
  World& world = shared_world();
  const auto make = [&](const Json& body) {
    return outcome(world.call("POST", "/tenants", World::as(world.root()), body));
  };
  for (const std::string& id : {std::string("acme"), std::string("t_"), std::string("T_A"), std::string("t_é"),
                                "t_" + std::string(63, 'a'), std::string("")}) {
    INFO(id);
    CHECK(make({{"tenant_id", id}, {"name", "x"}}) == "422 validation.failed");
  }
  CHECK(make({{"tenant_id", "t_unknown"}, {"name", "x"}}) == "400 context.invalid_tenant");
  CHECK(make({{"tenant_id", "t_" + std::string(62, 'z')}, {"name", "x"}}) == "201");
  CHECK(make({{"tenant_id", "t_x"}}) == "422 validation.failed");
  CHECK(make({{"tenant_id", "t_x"}, {"name", ""}}) == "422 validation.failed");
  CHECK(make({{"tenant_id", "t_x"}, {"name", 7}}) == "422 validation.failed");
}

TEST_CASE("a tenant's status is one of three, and t_system is always active") {
  World& world = shared_world();
  const std::string id = world.new_tenant();
  const auto patch = [&](const std::string& tenant, const Json& body) {
    return outcome(world.call("PATCH", "/tenants/" + tenant, World::as(world.root()), body));
  };
  for (const char* status : {"suspended", "disabled", "active"}) CHECK(patch(id, {{"status", status}}) == "200");
  CHECK(patch(id, {{"status", "gone"}}) == "422 validation.failed");
  CHECK(patch(id, Json::object()) == "422 validation.failed");
  CHECK(patch("t_nobody", {{"name", "x"}}) == "404 tenant.not_found");
  CHECK(patch("t_system", {{"status", "disabled"}}) == "422 validation.failed");
  CHECK(patch("t_system", {{"status", "suspended"}}) == "422 validation.failed");
  CHECK(world.call("GET", "/tenants/t_system", World::as(world.root())).json["status"] == "active");
}

TEST_CASE("a user sees the tenants he is a member of, and no others") {
  World& world = shared_world();
  const Tenant mine = world.new_tenant_with_members();
  const Tenant theirs = world.new_tenant_with_members();
  world.set_member(theirs.id, mine.viewer.id, "viewer");
  CHECK(ids(world.call("GET", "/tenants", World::as(mine.owner)), "tenant_id") == std::set<std::string>{mine.id});
  CHECK(ids(world.call("GET", "/tenants", World::as(mine.viewer)), "tenant_id") ==
        std::set<std::string>{mine.id, theirs.id});
  CHECK(outcome(world.call("GET", "/tenants/" + theirs.id, World::as(mine.owner))) == "403 auth.not_a_member");
}

TEST_CASE("a narrowed token pages through the tenants it may see, whatever else its user is a member of") {
  World& world = shared_world();
  const Person person = world.new_person();
  std::vector<std::string> tenants;
  for (int i = 0; i < 5; ++i) {
    tenants.push_back(world.new_tenant());
    world.set_member(tenants.back(), person.id, "viewer");
  }
  const std::set<std::string> wanted = {tenants[0], tenants[2], tenants[4]};
  const Person narrowed{person.id, world.new_token(person.id, {{"tenants", wanted}})};
  std::set<std::string> seen;
  std::string target = "/tenants?limit=1";
  for (int page = 0; page < 10; ++page) {
    const Answer answer = world.call("GET", target, World::as(narrowed));
    REQUIRE(answer.status == 200);
    for (const auto& id : ids(answer, "tenant_id")) CHECK(seen.insert(id).second);
    if (answer.json["next_cursor"].is_null()) break;
    target = "/tenants?limit=1&cursor=" + answer.json["next_cursor"].get<std::string>();
  }
  CHECK(seen == wanted);
}

TEST_CASE("a user is unique by id and by email in any case") {
  World& world = shared_world();
  const auto make = [&](const Json& body) { return world.call("POST", "/users", World::as(world.root()), body); };
  const std::string id = world.new_id("u");
  const std::string email = id + "@Example.org";
  const Answer made = make({{"user_id", id}, {"email", email}, {"display_name", "Ünal"}});
  REQUIRE(made.status == 201);
  CHECK(made.json["email"] == id + "@example.org");
  CHECK(made.header("location") == world.daemon().address() + "/users/" + id);
  CHECK(world.call("GET", "/users/" + id, World::as(world.root())).json == made.json);
  CHECK(outcome(make({{"user_id", id}})) == "409 user.exists");
  CHECK(outcome(make({{"email", id + "@EXAMPLE.ORG"}})) == "409 user.exists");
  const Answer named = make(Json::object());
  CHECK(named.status == 201);
  CHECK(named.json["user_id"].get<std::string>().starts_with("u_"));
  CHECK(named.json["email"].is_null());
  CHECK(outcome(world.call("GET", "/users/u_nobody", World::as(world.root()))) == "404 user.not_found");
}

TEST_CASE("user ids and emails keep to their form") {
  World& world = shared_world();
  const auto make = [&](const Json& body) {
    return outcome(world.call("POST", "/users", World::as(world.root()), body));
  };
  for (const std::string& id :
       {std::string("bob"), std::string("u_"), std::string("u_A"), "u_" + std::string(63, 'a')}) {
    INFO(id);
    CHECK(make({{"user_id", id}}) == "422 validation.failed");
  }
  for (const std::string& email :
       {std::string("bob"), std::string("@b"), std::string("b@"), std::string("a@b@c"), "a@" + std::string(253, 'b')}) {
    INFO(email);
    CHECK(make({{"email", email}}) == "422 validation.failed");
  }
  CHECK(make({{"email", "a@" + std::string(252, 'b')}}) == "201");
  CHECK(make({{"display_name", "x"}, {"email", nullptr}}) == "201");
}

TEST_CASE("only an owner makes, changes or removes an owner") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string& id = tenant.id;
  const Person other = world.new_person();
  const std::string refused = "403 auth.insufficient_role";
  CHECK(outcome(set_role(world, tenant.admin, id, other.id, "owner")) == refused);
  CHECK(outcome(set_role(world, tenant.admin, id, tenant.owner.id, "admin")) == refused);
  CHECK(outcome(set_role(world, tenant.admin, id, tenant.owner.id, "owner")) == refused);
  CHECK(outcome(remove(world, tenant.admin, id, tenant.owner.id)) == refused);
  CHECK(outcome(set_role(world, world.root(), id, other.id, "owner")) == "201");
  CHECK(outcome(set_role(world, other, id, tenant.owner.id, "viewer")) == "200");
  CHECK(outcome(set_role(world, tenant.owner, id, other.id, "viewer")) == refused);
  CHECK(outcome(set_role(world, world.root(), id, tenant.owner.id, "owner")) == "200");
}

TEST_CASE("nobody raises anyone above himself, himself included") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string refused = "403 auth.insufficient_role";
  CHECK(outcome(set_role(world, tenant.admin, tenant.id, tenant.admin.id, "owner")) == refused);
  CHECK(outcome(set_role(world, tenant.admin, tenant.id, tenant.member.id, "owner")) == refused);
  CHECK(outcome(set_role(world, tenant.admin, tenant.id, tenant.member.id, "admin")) == "200");
  CHECK(outcome(set_role(world, tenant.viewer, tenant.id, tenant.viewer.id, "member")) == refused);
  // A ceiling of the token counts as the role.
  const Person ceiling{tenant.owner.id, world.new_token(tenant.owner.id, {{"role", "admin"}})};
  CHECK(outcome(set_role(world, ceiling, tenant.id, tenant.viewer.id, "owner")) == refused);
  CHECK(outcome(set_role(world, ceiling, tenant.id, tenant.viewer.id, "admin")) == "200");
}

TEST_CASE("everybody may leave, and is out at once; only admins put others out") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  for (const char* role : {"viewer", "member"})
    CHECK(outcome(remove(world, tenant.at(role), tenant.id, tenant.admin.id)) == "403 auth.insufficient_role");
  for (const char* role : {"viewer", "member", "admin"}) {
    INFO(role);
    const Person& who = tenant.at(role);
    CHECK(outcome(remove(world, who, tenant.id, who.id)) == "204");
    CHECK(outcome(world.call("GET", "/tenants/" + tenant.id, World::as(who))) == "403 auth.not_a_member");
    CHECK(outcome(remove(world, who, tenant.id, who.id)) == "403 auth.not_a_member");
  }
  CHECK(outcome(remove(world, tenant.owner, tenant.id, tenant.viewer.id)) == "404 member.not_found");
}

TEST_CASE("the last owner stays, whoever asks") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string stays = "409 membership.last_owner";
  CHECK(outcome(remove(world, tenant.owner, tenant.id, tenant.owner.id)) == stays);
  CHECK(outcome(set_role(world, tenant.owner, tenant.id, tenant.owner.id, "admin")) == stays);
  CHECK(outcome(remove(world, world.root(), tenant.id, tenant.owner.id)) == stays);
  CHECK(outcome(set_role(world, world.root(), tenant.id, tenant.owner.id, "viewer")) == stays);
  CHECK(outcome(set_role(world, tenant.owner, tenant.id, tenant.admin.id, "owner")) == "200");
  CHECK(outcome(remove(world, tenant.owner, tenant.id, tenant.owner.id)) == "204");
  CHECK(outcome(remove(world, tenant.admin, tenant.id, tenant.admin.id)) == stays);
}

TEST_CASE("a member is a known user with a known role") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  CHECK(outcome(set_role(world, world.root(), tenant.id, "u_nobody", "viewer")) == "404 user.not_found");
  CHECK(outcome(set_role(world, tenant.owner, tenant.id, "not-a-user", "viewer")) == "404 user.not_found");
  for (const char* role : {"system", "Owner", "", "god"}) {
    INFO(role);
    CHECK(outcome(set_role(world, tenant.owner, tenant.id, tenant.viewer.id, role)) == "422 validation.failed");
  }
  const Answer listed = world.call("GET", "/tenants/" + tenant.id + "/members", World::as(tenant.admin));
  CHECK(ids(listed, "user_id") ==
        std::set<std::string>{tenant.owner.id, tenant.admin.id, tenant.member.id, tenant.viewer.id});
  for (const auto& item : listed.json["items"])
    CHECK(item["role"] == (item["user_id"] == tenant.owner.id    ? "owner"
                           : item["user_id"] == tenant.admin.id  ? "admin"
                           : item["user_id"] == tenant.member.id ? "member"
                                                                 : "viewer"));
}

TEST_CASE("a role changes what its holder may do from the next request on") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const auto presign = [&] {
    return outcome(
        world.call("POST", "/nexus/raw/presign-upload", World::in(tenant.member, tenant.id), Json{{"filename", "a"}}));
  };
  CHECK(presign() == "200");
  world.set_member(tenant.id, tenant.member.id, "viewer");
  CHECK(presign() == "403 auth.insufficient_role");
  world.set_member(tenant.id, tenant.member.id, "admin");
  CHECK(presign() == "200");
}

}  // namespace nexus::test
