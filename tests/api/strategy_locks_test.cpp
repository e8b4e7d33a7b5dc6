// Strategy locks through the public surface: the story, four eyes, times, each bad field, and that neighbours see
// nothing.
#include <thread>

#include "daemon/base/clock.hpp"
#include "tests/api/locks_support.hpp"

namespace nexus::test {

TEST_CASE("in a strict env an act needs an approved lock; elsewhere only once there is one") {
  Vault vault;
  CHECK(vault.says("dev") == "not_configured ");
  CHECK(vault.says("prod") == kMissing);
  const Answer refused = vault.world.call("POST", "/firearms/licences", vault.as("admin"),
                                          Json{{"subject_type", "tool"}, {"subject_id", "x"}, {"level", "low"}});
  CHECK(outcome(refused) == "409 strategy_lock_required");
  CHECK(refused.has("nexus-audit-seq"));
  CHECK(refused.json.at("remedy") == "nexusctl lock create TITLE --surface control --allow firearms_issue");

  const Answer made =
      vault.create(Vault::lock({{"surface", "raw_storage"}, {"allowed_actions", {"raw_presign", "tidy_up"}}}));
  REQUIRE(outcome(made) == "201");
  CHECK(made.has("nexus-audit-seq"));
  const std::string id = made.json.at("lock_id");
  CHECK(made.header("location").ends_with("/strategy-locks/" + id));
  CHECK(made.json.at("status") == "draft");
  CHECK(made.json.at("constraints") == Json::object());
  CHECK(made.json.at("created_by") == vault.tenant.member.id);
  CHECK(made.json.at("updated_by") == vault.tenant.member.id);
  CHECK(made.json.at("decided_by").is_null());
  CHECK(made.json.at("draft").is_null());
  CHECK(vault.says() == kMissing);  // a draft counts for nothing

  const Answer approved = vault.decide(id, "approve");
  CHECK(outcome(approved) == "200");
  CHECK(approved.json.at("status") == "approved");
  CHECK(approved.json.at("decided_by") == vault.tenant.admin.id);
  CHECK(vault.says() == kPass);
  CHECK(vault.gate().at("input") == Json{{"lock_id", id}});
  CHECK(vault.says("dev") == "not_configured ");
  CHECK(vault.says("prod", "raw_register") == kMissing);
  CHECK(vault.says("prod", "tidy_up", "raw_storage") == kPass);
  CHECK(vault.says("prod", "tidy_up", "cards") == kMissing);  // a lock of one surface never serves another
  vault.approved({{"allowed_actions", {"*"}}});
  CHECK(vault.says("prod", "tidy_up", "cards") == kPass);
  CHECK(vault.says("prod", "limits_update", "control") == kPass);

  const std::string dev = vault.created(Json::object(), "admin", "dev");
  CHECK(outcome(vault.decide(dev, "approve", "admin", "dev")) == "200");  // two eyes are enough in dev
  CHECK(vault.says("dev") == kPass);
  CHECK(vault.says("dev", "raw_register") == kMissing);  // what is configured and refuses, refuses everywhere
}

TEST_CASE("in staging and prod the approver is neither the creator nor an editor since the last approval") {
  Vault vault;
  for (const char* env : {"prod", "staging"}) {
    INFO(env);
    const std::string id = vault.created(Json::object(), "admin", env);
    CHECK(outcome(vault.decide(id, "approve", "admin", env)) == "409 strategy_lock.self_approval");
    CHECK(outcome(vault.edit(id, {{"title", "Better"}}, "owner", env)) == "200");
    CHECK(outcome(vault.decide(id, "approve", "owner", env)) == "409 strategy_lock.self_approval");
    const Person third = vault.world.new_person();
    vault.world.set_member(vault.tenant.id, third.id, "admin");
    const std::string approve = "/strategy-locks/" + id + "/approve";
    CHECK(outcome(vault.world.call("POST", approve, World::in(third, vault.tenant.id, env))) == "200");
    // The approval wipes the slate of the editors, never that of the creator.
    const std::string edit = "/strategy-locks/" + id;
    CHECK(outcome(vault.world.call("PATCH", edit, World::in(third, vault.tenant.id, env), Json{{"title", "Best"}})) ==
          "200");
    CHECK(outcome(vault.world.call("POST", approve, World::in(third, vault.tenant.id, env))) ==
          "409 strategy_lock.self_approval");
    CHECK(outcome(vault.decide(id, "approve", "admin", env)) == "409 strategy_lock.self_approval");
    CHECK(outcome(vault.decide(id, "approve", "owner", env)) == "200");
  }
  const std::string roots =
      vault.world
          .call("POST", "/strategy-locks", World::in(vault.world.root(), vault.tenant.id, "staging"), Vault::lock())
          .json.at("lock_id");
  CHECK(outcome(vault.world.call("POST", "/strategy-locks/" + roots + "/approve",
                                 World::in(vault.world.root(), vault.tenant.id, "staging"))) ==
        "409 strategy_lock.self_approval");
  CHECK(outcome(vault.decide(vault.created(Json::object(), "admin"), "reject")) ==
        "200");  // one may drop one's own plan
}

TEST_CASE("a lock counts between valid_from and valid_until alone") {
  Vault vault;
  vault.approved({{"valid_from", to_rfc3339(now_micros() + kHour)}});
  CHECK(vault.says() == kMissing);
  const std::string past = vault.created({{"valid_until", "2020-01-01T00:00:00Z"}});
  CHECK(vault.status(past) == "expired");
  CHECK(outcome(vault.decide(past, "approve")) == "409 strategy_lock.invalid_state");
  CHECK(outcome(vault.edit(past, {{"valid_until", nullptr}})) == "200");
  CHECK(vault.status(past) == "draft");

  const Micros end = now_micros() + 2 * kSecond;
  const std::string id = vault.approved({{"valid_from", "2020-01-01T00:00:00Z"}, {"valid_until", to_rfc3339(end)}});
  CHECK(vault.says() == kPass);
  while (now_micros() < end) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(vault.says() == kMissing);
  CHECK(vault.status(id) == "expired");
}

TEST_CASE("a lock that hangs on the three wise waits for their approval, and one good lock suffices") {
  Vault vault;
  const std::string question = vault.question();
  const std::string id = vault.approved({{"three_wise_id", question}});
  CHECK(vault.says() == kWaiting);
  CHECK(vault.gate().at("input") == Json{{"lock_id", id}, {"three_wise_id", question}, {"verdict", nullptr}});
  CHECK(vault.gate().at("detail").get<std::string>().find(id) != std::string::npos);
  const auto opine = [&](const Person& who, const std::string& verdict) {
    return outcome(vault.world.call("POST", "/three-wise/questions/" + question + "/opinions",
                                    World::in(who, vault.tenant.id, "prod"),
                                    Json{{"verdict", verdict}, {"content", "because"}}));
  };
  const Person third = vault.world.new_person();
  vault.world.set_member(vault.tenant.id, third.id, "member");
  CHECK(opine(vault.tenant.admin, "APPROVE") == "201");
  CHECK(opine(vault.tenant.owner, "APPROVE") == "201");
  CHECK(vault.says() == kWaiting);
  CHECK(opine(third, "REJECT") == "201");
  CHECK(vault.says() == kPass);

  vault.approved({{"three_wise_id", vault.question()}, {"surface", "raw_storage"}});
  CHECK(vault.gate().at("input").at("lock_id") == id);
  const std::string free = vault.approved({{"surface", "raw_storage"}});
  CHECK(vault.gate().at("input").at("lock_id") == free);
}

TEST_CASE("the system token passes without a lock, and the decision says so") {
  Vault vault;
  const Answer answer =
      vault.world.call("POST", "/firearms/licences", World::in(vault.world.root(), vault.tenant.id, "prod"),
                       Json{{"subject_type", "tool"}, {"subject_id", "x"}, {"level", "low"}});
  CHECK(outcome(answer) == "201");
  const Json body = {{"subject_type", "tool"}, {"subject_id", "x"}, {"level", "low"}};
  CHECK(outcome(vault.world.call("POST", "/firearms/licences", vault.as("admin", "prod"), body)) ==
        "409 strategy_lock_required");
  // What only tightens waits for no lock, unless a kill switch names it.
  const std::string revoke = "/firearms/licences/" + answer.json.at("licence_id").get<std::string>();
  const auto switch_off = [&](const Json& actions) {
    return vault.world.put_kill_switches(vault.tenant.admin, vault.tenant.id, {{"disabled_actions", actions}}, "prod");
  };
  CHECK(outcome(switch_off({"firearms_revoke"})) == "200");
  CHECK(outcome(vault.world.call("PATCH", revoke, vault.as("admin", "prod"), Json{{"status", "revoked"}})) ==
        "403 kill_switch_blocked");
  vault.approved({{"allowed_actions", {"kill_switch_update"}}}, "prod");
  CHECK(outcome(switch_off(Json::array())) == "200");
  CHECK(outcome(vault.world.call("PATCH", revoke, vault.as("admin", "prod"), Json{{"status", "revoked"}})) == "200");
}

TEST_CASE("what was approved is what was seen: If-Match is honoured") {
  Vault vault;
  const std::string id = vault.created();
  const std::string seen = vault.show(id).header("etag");
  CHECK(!seen.empty());
  CHECK(vault.edit(id, {{"allowed_actions", {"*"}}}).header("etag") != seen);
  const Headers stale = with(vault.as("admin"), {{"If-Match", seen}});
  CHECK(outcome(vault.world.call("POST", "/strategy-locks/" + id + "/approve", stale)) == "412 precondition.failed");
  CHECK(outcome(vault.world.call("POST", "/strategy-locks/" + id + "/reject", stale)) == "412 precondition.failed");
  CHECK(outcome(vault.world.call("PATCH", "/strategy-locks/" + id, stale, Json{{"title", "x"}})) ==
        "412 precondition.failed");
  const Headers fresh = with(vault.as("admin"), {{"If-Match", vault.show(id).header("etag")}});
  CHECK(outcome(vault.world.call("POST", "/strategy-locks/" + id + "/approve", fresh)) == "200");
}

TEST_CASE("each bad field of a lock is named, when it is made and when it is edited") {
  Vault vault;
  struct Case {
    std::string field;
    Json value;
  };
  const std::vector<Case> cases = {{"scope", nullptr},
                                   {"scope", "everything"},
                                   {"title", nullptr},
                                   {"title", ""},
                                   {"title", std::string(201, 'x')},
                                   {"title", 1},
                                   {"allowed_actions", nullptr},
                                   {"allowed_actions", Json::array()},
                                   {"allowed_actions", "raw_presign"},
                                   {"allowed_actions", {"Raw Presign"}},
                                   {"allowed_actions", {""}},
                                   {"allowed_actions", {1}},
                                   {"surface", ""},
                                   {"surface", "*"},
                                   {"surface", std::string(65, 'x')},
                                   {"description", std::string(4097, 'x')},
                                   {"constraints", "none"},
                                   {"constraints", Json::array()},
                                   {"constraints", {{"x", std::string(16 * 1024, 'x')}}},
                                   {"three_wise_id", ""},
                                   {"three_wise_id", kAbsent},
                                   {"valid_from", "now"},
                                   {"valid_from", "2027-01-01T00:00:00"},
                                   {"valid_until", 5}};
  const std::string id = vault.created();
  for (const auto& [field, value] : cases) {
    INFO(field << " " << value);
    CHECK(fault(vault.create(Vault::lock({{field, value}}))) == "422 validation.failed /" + field);
    CHECK(fault(vault.edit(id, {{field, value}})) == "422 validation.failed /" + field);
  }
  for (const char* field : {"scope", "title", "allowed_actions"}) {
    Json body = Vault::lock();
    body.erase(field);
    CHECK(fault(vault.create(body)) == "422 validation.failed /" + std::string(field));
  }
  const Json backwards = {{"valid_from", "2027-01-02T00:00:00Z"}, {"valid_until", "2027-01-01T00:00:00Z"}};
  CHECK(fault(vault.create(Vault::lock(backwards))) == "422 validation.failed /valid_until");
  CHECK(outcome(vault.edit(id, {{"valid_from", "2027-01-02T00:00:00Z"}})) == "200");
  CHECK(fault(vault.edit(id, {{"valid_until", "2027-01-02T00:00:00Z"}})) == "422 validation.failed /valid_until");
  CHECK(fault(vault.create(Vault::lock({{"allowed_action", {"x"}}}))) ==
        "422 validation.unknown_field /allowed_action");
  CHECK(fault(vault.edit(id, {{"status", "approved"}})).ends_with("/status"));
  CHECK(fault(vault.edit(id, Json::object())) == "422 validation.failed /title");
}

TEST_CASE("members make and edit locks, admins decide, viewers read") {
  Vault vault;
  CHECK(outcome(vault.create(Vault::lock(), "viewer")) == "403 auth.insufficient_role");
  const std::string id = vault.created();
  CHECK(outcome(vault.edit(id, {{"title", "x"}}, "viewer")) == "403 auth.insufficient_role");
  for (const char* verb : {"approve", "reject"})
    CHECK(outcome(vault.decide(id, verb, "member")) == "403 auth.insufficient_role");
  CHECK(outcome(vault.show(id)) == "200");
  const Json page = vault.world.call("GET", "/strategy-locks?limit=1", vault.as("viewer")).json;
  REQUIRE(page.at("items").size() == 1);
  CHECK(page["items"][0] == vault.show(id).json);
  CHECK(page.at("next_cursor").is_null());
}

TEST_CASE("a neighbour's lock is not there, and allows nothing here; nor does one of another env") {
  Vault mine, theirs;
  const std::string id = theirs.approved({{"allowed_actions", {"*"}}});
  CHECK(mine.says() == kMissing);
  CHECK(theirs.says("staging") != kPass);
  const auto refuse = [&](const Answer& foreign, const Answer& absent) {
    CHECK(outcome(foreign) == "404 strategy_lock.not_found");
    CHECK(foreign.body.find(id) == std::string::npos);
    CHECK(comparable(foreign) == comparable(absent));
  };
  refuse(mine.show(id), mine.show(kAbsent));
  refuse(theirs.show(id, "staging"), theirs.show(kAbsent, "staging"));
  refuse(mine.edit(id, {{"title", "x"}}), mine.edit(kAbsent, {{"title", "x"}}));
  for (const char* verb : {"approve", "reject"}) refuse(mine.decide(id, verb), mine.decide(kAbsent, verb));
  CHECK(mine.world.call("GET", "/strategy-locks", mine.as("viewer")).json.at("items").empty());
  // Nor can a lock hang on a neighbour's question.
  CHECK(fault(mine.create(Vault::lock({{"three_wise_id", theirs.question()}}))) ==
        "422 validation.failed /three_wise_id");
  CHECK(fault(mine.create(Vault::lock({{"three_wise_id", mine.question("staging")}}))) ==
        "422 validation.failed /three_wise_id");
}

}  // namespace nexus::test
