// Licences and dangerous actions through the public surface: the story, each bad field, who may, and that neighbours
// see nothing.
#include <thread>

#include "daemon/base/clock.hpp"
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

const std::string kAbsentLicence = "01a20636-66b1-7001-b8d7-953e256aa6b5";

struct Armoury {
  World& world = shared_world();
  Tenant tenant = shared_world().new_tenant_with_members();

  Headers as(const std::string& role, const std::string& env = "dev") const {
    return World::in(tenant.at(role), tenant.id, env);
  }
  Answer issue(const Json& body, const std::string& role = "admin", const std::string& env = "dev") {
    return world.call("POST", "/firearms/licences", as(role, env), body);
  }
  Answer issue_to(const std::string& type, const std::string& id, const std::string& level) {
    return issue({{"subject_type", type}, {"subject_id", id}, {"level", level}});
  }
  Answer revoke(const std::string& licence_id, const std::string& role = "admin", const std::string& env = "dev") {
    return world.call("PATCH", "/firearms/licences/" + licence_id, as(role, env), Json{{"status", "revoked"}});
  }
  Answer declare(const Json& body, const std::string& role = "admin") {
    return world.call("PUT", "/firearms/dangerous-actions", as(role), body);
  }
  Answer get(const std::string& target, const std::string& env = "dev") {
    return world.call("GET", target, as("viewer", env));
  }
  /// An act outside Nexus, by the member.
  Answer act(Json body = Json::object()) {
    body.update({{"action", body.value("action", "dangerous_tool_use")}, {"surface", "tools"}});
    return world.call("POST", "/gates/check", as("member"), body);
  }
};

std::string licence_fault(const Answer& answer) { return outcome(answer) + " " + pointers(answer); }

/// What the firearms gate said in a decision.
Json gate_of(const Answer& answer) {
  for (const auto& gate : answer.json.at("decision").at("gates"))
    if (gate.at("gate") == "firearms") return gate;
  return nullptr;
}

}  // namespace

TEST_CASE("a dangerous act is refused without a licence, done with one, and refused once it is revoked") {
  Armoury armoury;
  const std::string& member = armoury.tenant.member.id;
  const Answer refused = armoury.act();
  CHECK(outcome(refused) == "403 firearms_licence_required");
  CHECK(refused.has("nexus-audit-seq"));
  CHECK(refused.json.at("remedy") == "nexusctl firearms issue user " + member + " medium --scope dangerous_tool_use");
  CHECK(gate_of(refused) == Json{{"gate", "firearms"},
                                 {"verdict", "block"},
                                 {"code", "firearms_licence_required"},
                                 {"detail", refused.json.at("detail")},
                                 {"input", {{"level", "medium"}}}});

  CHECK(armoury.issue_to("user", member, "low").status == 201);
  CHECK(outcome(armoury.act()) == "403 firearms_licence_required");

  const Answer issued = armoury.issue_to("user", member, "medium");
  REQUIRE(issued.status == 201);
  CHECK(issued.has("nexus-audit-seq"));
  const std::string id = issued.json.at("licence_id");
  CHECK(issued.header("location").ends_with("/firearms/licences/" + id));
  CHECK(issued.json.at("status") == "active");
  CHECK(issued.json.at("tenant_id") == armoury.tenant.id);
  CHECK(issued.json.at("env") == "dev");
  CHECK(issued.json.at("created_by") == armoury.tenant.admin.id);
  CHECK(issued.json.at("scope").is_null());
  const Answer done = armoury.act();
  CHECK(outcome(done) == "200");
  CHECK(gate_of(done).at("input") == Json{{"level", "medium"}, {"licence_id", id}});
  CHECK(outcome(armoury.act({{"action", "publish_sensitive"}})) == "403 firearms_licence_required");

  const Answer revoked = armoury.revoke(id);
  CHECK(outcome(revoked) == "200");
  CHECK(revoked.json.at("status") == "revoked");
  CHECK(revoked.json.at("revoked_by") == armoury.tenant.admin.id);
  CHECK(outcome(armoury.act()) == "403 firearms_licence_required");
  const Answer again = armoury.revoke(id);
  CHECK(outcome(again) == "200");
  CHECK(again.header("nexus-audit-seq") == revoked.header("nexus-audit-seq"));
  CHECK(again.json == revoked.json);
}

TEST_CASE("the caller and the subject both need a licence, each its own") {
  Armoury armoury;
  const Json subject = {{"subject_type", "tool"}, {"subject_id", "shell"}};
  CHECK(armoury.issue_to("tool", "shell", "high").status == 201);
  CHECK(outcome(armoury.act(subject)) == "403 firearms_licence_required");
  CHECK(armoury.issue_to("user", armoury.tenant.member.id, "high").status == 201);
  CHECK(outcome(armoury.act(subject)) == "200");
  CHECK(outcome(armoury.act({{"subject_type", "tool"}, {"subject_id", "other"}})) == "403 firearms_licence_required");
  CHECK(outcome(armoury.act({{"subject_type", "app"}, {"subject_id", "shell"}})) == "403 firearms_licence_required");
}

TEST_CASE("an agent's licence is good for an agent's token, not for the person's own") {
  Armoury armoury;
  const Person& member = armoury.tenant.member;
  const Person agent{member.id, armoury.world.new_token(member.id, {{"actor_type", "agent"}})};
  CHECK(armoury.issue_to("agent", member.id, "high").status == 201);
  const Json act = {{"action", "agent_autonomy_high"}, {"surface", "tools"}};
  CHECK(outcome(armoury.world.call("POST", "/gates/check", World::in(agent, armoury.tenant.id), act)) == "200");
  CHECK(outcome(armoury.act(act)) == "403 firearms_licence_required");
  CHECK(armoury.issue_to("user", member.id, "high").status == 201);
  CHECK(outcome(armoury.act(act)) == "200");
}

TEST_CASE("a licence ends at its time, and is good for its one action alone") {
  Armoury armoury;
  Json body = {{"subject_type", "user"}, {"subject_id", armoury.tenant.member.id}, {"level", "high"}};
  body["scope"] = "publish_sensitive";
  CHECK(armoury.issue(body).status == 201);
  CHECK(outcome(armoury.act()) == "403 firearms_licence_required");
  CHECK(outcome(armoury.act({{"action", "publish_sensitive"}})) == "200");

  body["scope"] = nullptr;
  body["expires_at"] = "2020-01-01T00:00:00Z";
  CHECK(licence_fault(armoury.issue(body)) == "422 validation.failed /expires_at");

  const Micros end = now_micros() + 2 * kSecond;
  body["expires_at"] = to_rfc3339(end);
  const Answer short_lived = armoury.issue(body);
  CHECK(short_lived.json.at("status") == "active");
  CHECK(outcome(armoury.act()) == "200");
  while (now_micros() < end) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(outcome(armoury.act()) == "403 firearms_licence_required");
  CHECK(armoury.get("/firearms/licences/" + short_lived.json.at("licence_id").get<std::string>()).json.at("status") ==
        "expired");
}

TEST_CASE("the system token is not above the firearms gate") {
  Armoury armoury;
  const Headers root = World::in(armoury.world.root(), armoury.tenant.id);
  const Json act = {{"action", "dangerous_tool_use"}, {"surface", "tools"}};
  CHECK(outcome(armoury.world.call("POST", "/gates/check", root, act)) == "403 firearms_licence_required");
  CHECK(armoury.issue_to("user", "system", "medium").status == 201);
  CHECK(outcome(armoury.world.call("POST", "/gates/check", root, act)) == "200");
}

TEST_CASE("a tenant declares its own dangerous actions and raises levels, but lowers none") {
  Armoury armoury;
  const Json built_in = {
      {"agent_autonomy_high", "high"}, {"dangerous_tool_use", "medium"}, {"publish_sensitive", "high"}};
  CHECK(armoury.get("/firearms/dangerous-actions").json == built_in);

  Json more = built_in;
  more["raw_presign"] = "low";
  more["dangerous_tool_use"] = "high";
  const Answer put = armoury.declare({{"raw_presign", "low"}, {"dangerous_tool_use", "high"}});
  CHECK(outcome(put) == "200");
  CHECK(put.json == more);
  CHECK(armoury.get("/firearms/dangerous-actions").json == more);
  CHECK(armoury.get("/firearms/dangerous-actions", "staging").json == built_in);
  CHECK(outcome(armoury.world.call("POST", "/nexus/raw/presign-upload", armoury.as("member"),
                                   Json{{"filename", "a.txt"}})) == "403 firearms_licence_required");

  CHECK(outcome(armoury.declare({{"raw_presign", "medium"}})) == "200");
  CHECK(licence_fault(armoury.declare({{"raw_presign", "low"}})) == "422 validation.failed /raw_presign");
  CHECK(licence_fault(armoury.declare({{"publish_sensitive", "medium"}})) ==
        "422 validation.failed /publish_sensitive");
  CHECK(licence_fault(armoury.declare({{"dangerous_tool_use", "medium"}, {"new_one", "low"}})) ==
        "422 validation.failed /dangerous_tool_use");
  CHECK_FALSE(armoury.get("/firearms/dangerous-actions").json.contains("new_one"));
  CHECK(licence_fault(armoury.declare({{"raw_presign", "extreme"}})) == "422 validation.failed /raw_presign");
  CHECK(licence_fault(armoury.declare({{"raw_presign", nullptr}})) == "422 validation.failed /raw_presign");
  CHECK(licence_fault(armoury.declare({{"Raw-Presign", "high"}})) == "422 validation.failed /Raw-Presign");
  CHECK(licence_fault(armoury.declare({{std::string(65, 'a'), "high"}})) ==
        "422 validation.failed /" + std::string(65, 'a'));
  CHECK(outcome(armoury.declare({{"tenant_id", armoury.tenant.id}, {"env", "dev"}})) == "200");
  CHECK(outcome(armoury.declare({{"tenant_id", "t_other"}, {"a", "low"}})) == "400 context.mismatch");
}

TEST_CASE("check tells who is licensed for what, and needs a declared action") {
  Armoury armoury;
  const std::string target = "/firearms/check?action=publish_sensitive";
  const Json no = {{"allowed", false}, {"level", "high"}, {"licence_id", nullptr}};
  CHECK(armoury.get(target).json == no);
  const Answer licence = armoury.issue_to("agent", "a_1", "high");
  const Json yes = {{"allowed", true}, {"level", "high"}, {"licence_id", licence.json.at("licence_id")}};
  CHECK(armoury.get(target + "&subject_type=agent&subject_id=a_1").json == yes);
  CHECK(armoury.get(target + "&subject_type=tool&subject_id=a_1").json == no);
  CHECK(armoury.get(target + "&subject_type=agent&subject_id=a_1", "staging").json == no);
  const Answer mine = armoury.issue_to("user", armoury.tenant.viewer.id, "high");
  CHECK(armoury.get(target).json.at("licence_id") == mine.json.at("licence_id"));

  CHECK(outcome(armoury.get("/firearms/check?action=raw_register")) == "404 dangerous_action.not_found");
  CHECK(licence_fault(armoury.get("/firearms/check")) == "422 validation.failed /query/action");
  CHECK(licence_fault(armoury.get(target + "&subject_type=agent")) == "422 validation.failed /query/subject_id");
  CHECK(licence_fault(armoury.get(target + "&subject_id=x")) == "422 validation.failed /query/subject_type");
  CHECK(licence_fault(armoury.get(target + "&subject_type=gun&subject_id=x")) ==
        "422 validation.failed /query/subject_type");
  CHECK(licence_fault(armoury.get(target + "&nonsense=1")) == "422 validation.unknown_field /query/nonsense");
}

TEST_CASE("each bad field of a licence is named, and nothing is issued") {
  Armoury armoury;
  const Json good = {{"subject_type", "user"}, {"subject_id", "u_x"}, {"level", "low"}};
  struct Case {
    std::string field;
    Json value;
  };
  const std::vector<Case> cases = {{"subject_type", nullptr},
                                   {"subject_type", "person"},
                                   {"subject_type", 1},
                                   {"subject_id", nullptr},
                                   {"subject_id", ""},
                                   {"subject_id", std::string(129, 'x')},
                                   {"subject_id", 7},
                                   {"level", nullptr},
                                   {"level", "HIGH"},
                                   {"level", ""},
                                   {"level", 3},
                                   {"scope", ""},
                                   {"scope", "Not An Action"},
                                   {"scope", Json::array()},
                                   {"expires_at", "tomorrow"},
                                   {"expires_at", 1},
                                   {"expires_at", "2027-01-01T00:00:00"}};
  for (const auto& [field, value] : cases) {
    INFO(field << " " << value);
    Json body = good;
    body[field] = value;
    CHECK(licence_fault(armoury.issue(body)) == "422 validation.failed /" + field);
  }
  for (const char* field : {"subject_type", "subject_id", "level"}) {
    Json body = good;
    body.erase(field);
    CHECK(licence_fault(armoury.issue(body)) == "422 validation.failed /" + std::string(field));
  }
  Json misspelt = good;
  misspelt["expire_at"] = "2027-01-01T00:00:00Z";
  CHECK(licence_fault(armoury.issue(misspelt)) == "422 validation.unknown_field /expire_at");
  CHECK(armoury.get("/firearms/licences").json.at("items").empty());

  const std::string id = armoury.issue(good).json.at("licence_id");
  const auto patch = [&](const Json& body) {
    return licence_fault(armoury.world.call("PATCH", "/firearms/licences/" + id, armoury.as("admin"), body));
  };
  CHECK(patch(Json::object()) == "422 validation.failed /status");
  CHECK(patch({{"status", nullptr}}) == "422 validation.failed /status");
  CHECK(patch({{"status", "active"}}) == "422 validation.failed /status");
  CHECK(patch({{"status", "revoked"}, {"level", "high"}}) == "422 validation.unknown_field /level");
}

TEST_CASE("licences are configured by admins, read by viewers") {
  Armoury armoury;
  const Json body = {{"subject_type", "user"}, {"subject_id", "u_x"}, {"level", "low"}};
  const std::string id = armoury.issue(body).json.at("licence_id");
  for (const char* role : {"viewer", "member"}) {
    CHECK(outcome(armoury.issue(body, role)) == "403 auth.insufficient_role");
    CHECK(outcome(armoury.revoke(id, role)) == "403 auth.insufficient_role");
    CHECK(outcome(armoury.declare({{"a", "low"}}, role)) == "403 auth.insufficient_role");
  }
  CHECK(outcome(armoury.issue(body, "owner")) == "201");
  CHECK(outcome(armoury.get("/firearms/licences/" + id)) == "200");
}

TEST_CASE("licences are listed newest first, page by page") {
  Armoury armoury;
  for (int i = 0; i < 3; ++i) CHECK(armoury.issue_to("tool", "tool_" + std::to_string(i), "low").status == 201);
  const Json first = armoury.get("/firearms/licences?limit=2").json;
  REQUIRE(first.at("items").size() == 2);
  CHECK(first["items"][0].at("subject_id") == "tool_2");
  CHECK(first["items"][0].at("tenant_id") == armoury.tenant.id);
  const std::string cursor = first.at("next_cursor");
  const Json second = armoury.get("/firearms/licences?limit=2&cursor=" + cursor).json;
  REQUIRE(second.at("items").size() == 1);
  CHECK(second["items"][0].at("subject_id") == "tool_0");
  CHECK(second.at("next_cursor").is_null());
  CHECK(outcome(armoury.get("/firearms/licences?cursor=" + cursor, "staging")) == "400 request.invalid_cursor");
}

TEST_CASE("a neighbour's licence is not there, and opens nothing here") {
  Armoury mine, theirs;
  const Answer licence = theirs.issue_to("user", mine.tenant.member.id, "high");
  const std::string id = licence.json.at("licence_id");
  CHECK(outcome(mine.act()) == "403 firearms_licence_required");
  const Answer foreign = mine.get("/firearms/licences/" + id);
  CHECK(outcome(foreign) == "404 licence.not_found");
  CHECK(foreign.body.find(id) == std::string::npos);
  CHECK(comparable(foreign) == comparable(mine.get("/firearms/licences/" + kAbsentLicence)));
  CHECK(comparable(mine.revoke(id)) == comparable(mine.revoke(kAbsentLicence)));
  CHECK(outcome(mine.revoke(id)) == "404 licence.not_found");
  CHECK(outcome(theirs.get("/firearms/licences/" + id, "staging")) == "404 licence.not_found");
  CHECK(theirs.get("/firearms/licences/" + id).json.at("status") == "active");
  CHECK(mine.get("/firearms/licences").json.at("items").empty());
}

}  // namespace nexus::test
