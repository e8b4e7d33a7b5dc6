// Tokens beyond one's own: those narrowed to one tenant, which its owners and admins list and revoke; and the system
// role's view of all that a user has.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Made {
  std::string id;
  Person who;
};

Made make(World& world, const std::string& user_id, Json wish) {
  wish["user_id"] = user_id;
  const Answer answer = world.call("POST", "/tokens", World::as(world.root()), wish);
  REQUIRE(answer.status == 201);
  return {answer.json["token_id"], {user_id, answer.json["token"]}};
}

std::set<std::string> ids(const Answer& answer) {
  std::set<std::string> out;
  for (const Json& item : answer.json.at("items")) out.insert(item.at("token_id"));
  return out;
}

struct Tokens {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();
  std::string path = "/tenants/" + tenant.id + "/tokens";

  Answer list(const Person& who) { return world.call("GET", path, World::as(who)); }
  std::string revoke(const Person& who, const std::string& id) {
    return outcome(world.call("DELETE", path + "/" + id, World::as(who)));
  }
  std::string state(const Made& made) { return outcome(world.call("GET", "/auth/me", World::as(made.who))); }
};

const std::string kAbsentToken = "404 token.not_found";
const std::string kRevoked = "401 auth.token_revoked";

}  // namespace

TEST_CASE("an owner or admin lists and revokes the tokens that are for his tenant alone", "[tokens]") {
  Tokens t;
  const std::string other = t.world.new_tenant();
  t.world.set_member(other, t.tenant.member.id, "member");
  const Made mine = make(t.world, t.tenant.member.id, {{"tenants", {t.tenant.id}}, {"name", "ci"}});
  const Made both = make(t.world, t.tenant.member.id, {{"tenants", {t.tenant.id, other}}});
  const Made wide = make(t.world, t.tenant.member.id, Json::object());
  const Made theirs = make(t.world, t.tenant.member.id, {{"tenants", {other}}});
  const Made nowhere = make(t.world, t.tenant.member.id, {{"tenants", Json::array()}});

  const Answer listed = t.list(t.tenant.admin);
  CHECK(ids(listed) == std::set{mine.id});
  CHECK(listed.json["items"][0]["name"] == "ci");
  CHECK(listed.json["items"][0]["user_id"] == t.tenant.member.id);
  CHECK(listed.body.find(mine.who.token) == std::string::npos);
  CHECK(outcome(t.list(t.tenant.member)) == "403 auth.insufficient_role");

  for (const Made& made : {both, wide, theirs, nowhere}) {
    CHECK(t.revoke(t.tenant.owner, made.id) == kAbsentToken);
    CHECK(t.state(made) == "200");
  }
  CHECK(t.revoke(t.tenant.owner, "nothing") == kAbsentToken);
  CHECK(t.revoke(t.tenant.admin, mine.id) == "204");
  CHECK(t.state(mine) == kRevoked);
  CHECK(!t.list(t.tenant.admin).json["items"][0]["revoked_at"].is_null());
}

TEST_CASE("nobody lists or revokes the tokens of a member above himself", "[tokens]") {
  Tokens t;
  const Json alone = {{"tenants", {t.tenant.id}}};
  const Made owners = make(t.world, t.tenant.owner.id, alone);
  const Made admins = make(t.world, t.tenant.admin.id, alone);
  CHECK(ids(t.list(t.tenant.owner)) == std::set{owners.id, admins.id});
  CHECK(ids(t.list(t.tenant.admin)) == std::set{admins.id});
  CHECK(t.revoke(t.tenant.admin, owners.id) == kAbsentToken);
  // A ceiling of the token counts as the role.
  const Person ceiling{t.tenant.owner.id, t.world.new_token(t.tenant.owner.id, {{"role", "admin"}})};
  CHECK(ids(t.list(ceiling)) == std::set{admins.id});
  CHECK(t.revoke(ceiling, owners.id) == kAbsentToken);
  CHECK(t.state(owners) == "200");
  // The tokens of whoever has left are nobody's above.
  t.world.set_member(t.tenant.id, t.tenant.viewer.id, "owner");
  REQUIRE(
      t.world.call("DELETE", "/tenants/" + t.tenant.id + "/members/" + t.tenant.owner.id, World::as(t.tenant.viewer))
          .status == 204);
  CHECK(ids(t.list(t.tenant.admin)) == std::set{owners.id, admins.id});
  CHECK(t.revoke(t.tenant.admin, owners.id) == "204");
}

TEST_CASE("a tenant's list of tokens goes on behind a cursor that is its own", "[tokens]") {
  Tokens t;
  std::set<std::string> made, seen;
  for (int i = 0; i < 3; ++i) made.insert(make(t.world, t.tenant.viewer.id, {{"tenants", {t.tenant.id}}}).id);
  std::string cursor;
  for (int page = 0; page < 5; ++page) {
    const Answer answer = t.world.call("GET", t.path + "?limit=1" + cursor, World::as(t.tenant.admin));
    for (const std::string& id : ids(answer)) CHECK(seen.insert(id).second);
    if (answer.json["next_cursor"].is_null()) break;
    cursor = "&cursor=" + answer.json["next_cursor"].get<std::string>();
    const Tokens other;
    CHECK(outcome(t.world.call("GET", other.path + "?limit=1" + cursor, World::as(other.tenant.admin))) ==
          "400 request.invalid_cursor");
  }
  CHECK(seen == made);
}

TEST_CASE("a revocation by the tenant stands in the tenant's chain", "[tokens][audit]") {
  Tokens t;
  const Made made = make(t.world, t.tenant.viewer.id, {{"tenants", {t.tenant.id}}});
  const Answer answer = t.world.call("DELETE", t.path + "/" + made.id, World::as(t.tenant.owner));
  REQUIRE(answer.status == 204);
  const Json row =
      t.world.call("GET", "/audit/" + answer.header("nexus-audit-seq"), World::in(t.tenant.owner, t.tenant.id, "prod"))
          .json;
  CHECK(row["body"]["action"] == "token_revoke");
  CHECK(row["body"]["subject"]["id"] == made.id);
  CHECK(row["details"]["user_id"] == t.tenant.viewer.id);
}

TEST_CASE("the system role lists the tokens of one user, a user his own alone", "[tokens]") {
  Tokens t;
  const Made first = make(t.world, t.tenant.viewer.id, {{"name", "first"}});
  const Made second = make(t.world, t.tenant.viewer.id, {{"role", "viewer"}});
  const auto list = [&](const Person& who, const std::string& user) {
    return t.world.call("GET", "/tokens?limit=200&user_id=" + user, World::as(who));
  };
  const auto all = ids(list(t.world.root(), t.tenant.viewer.id));
  CHECK(all.contains(first.id));
  CHECK(all.contains(second.id));
  CHECK(all == ids(list(first.who, t.tenant.viewer.id)));
  CHECK(ids(list(second.who, t.tenant.viewer.id)) == std::set{second.id});
  CHECK(outcome(list(t.tenant.owner, t.tenant.viewer.id)) == "403 auth.insufficient_role");
  CHECK(outcome(list(t.tenant.owner, "u_nobody")) == "403 auth.insufficient_role");
  CHECK(outcome(list(t.world.root(), "u_nobody")) == "404 user.not_found");
}

TEST_CASE("the system role revokes all tokens of a user at once, and no other's", "[tokens]") {
  Tokens t;
  const Person user = t.world.new_person();
  const Made second = make(t.world, user.id, Json::object());
  const auto revoke_all = [&](const std::string& id) {
    return t.world.call("DELETE", "/users/" + id + "/tokens", World::as(t.world.root()));
  };
  const Answer answer = revoke_all(user.id);
  CHECK(answer.status == 200);
  CHECK(answer.json == Json{{"user_id", user.id}, {"revoked", 2}});
  CHECK(t.state({"", user}) == kRevoked);
  CHECK(t.state(second) == kRevoked);
  CHECK(t.state({"", t.tenant.owner}) == "200");
  CHECK(revoke_all(user.id).json["revoked"] == 0);
  CHECK(t.state(make(t.world, user.id, Json::object())) == "200");
  CHECK(outcome(revoke_all("u_nobody")) == "404 user.not_found");
}

TEST_CASE("a token revokes what it lists, and nothing that is wider than itself", "[tokens]") {
  Tokens t;
  const std::string& user = t.tenant.admin.id;
  const std::string other = t.world.new_tenant();
  t.world.set_member(other, user, "viewer");
  const std::vector<std::pair<Json, Json>> narrower_and_wider = {
      {{{"tenants", {t.tenant.id}}}, {{"tenants", {t.tenant.id, other}}}},
      {{{"tenants", {t.tenant.id}}}, {{"tenants", {other}}}},
      {{{"tenants", {t.tenant.id}}}, Json::object()},
      {{{"envs", {"dev"}}}, {{"envs", {"dev", "prod"}}}},
      {{{"envs", {"dev"}}}, Json::object()},
      {{{"role", "viewer"}}, {{"role", "member"}}},
      {{{"role", "viewer"}}, Json::object()},
      {{{"actor_type", "agent"}}, {{"actor_type", "human"}}},
  };
  for (const auto& [narrower, wider] : narrower_and_wider) {
    INFO(narrower << " and " << wider);
    const Made narrow = make(t.world, user, narrower);
    const Made wide = make(t.world, user, wider);
    const Made twin = make(t.world, user, narrower);
    const auto revoke = [&](const Made& by, const Made& made) {
      const Answer listed = t.world.call("GET", "/tokens?limit=200", World::as(by.who));
      const std::string done = outcome(t.world.call("DELETE", "/tokens/" + made.id, World::as(by.who)));
      CHECK(ids(listed).contains(made.id) == (done == "204"));
      return done;
    };
    CHECK(revoke(narrow, wide) == kAbsentToken);
    CHECK(t.state(wide) == "200");
    CHECK(revoke(narrow, twin) == "204");
    const bool apart = wider.contains("tenants") && wider["tenants"] == Json{other};
    CHECK(revoke(wide, narrow) == (apart ? kAbsentToken : "204"));
  }
}

TEST_CASE("a token is narrowed to tenants of which its user is a member, whoever makes it", "[tokens]") {
  Tokens t;
  const std::string& user = t.tenant.viewer.id;
  const std::string other = t.world.new_tenant();
  for (const std::string& tenant : {other, std::string("t_absent")}) {
    INFO(tenant);
    for (const Person& who : {t.tenant.viewer, t.world.root()}) {
      const Answer answer =
          t.world.call("POST", "/tokens", World::as(who), Json{{"user_id", user}, {"tenants", {t.tenant.id, tenant}}});
      CHECK(outcome(answer) == "422 validation.failed");
      CHECK(pointers(answer) == "/tenants");
    }
  }
  CHECK(t.state(make(t.world, user, {{"tenants", {t.tenant.id}}})) == "200");
}

}  // namespace nexus::test
