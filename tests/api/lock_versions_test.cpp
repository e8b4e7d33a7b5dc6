// What changes of a strategy lock, and who may: draft versions beside what is in force, drafts of one's own, limits.
#include <thread>

#include "daemon/base/clock.hpp"
#include "tests/api/locks_support.hpp"

namespace nexus::test {

TEST_CASE("an edit of an approved lock waits beside it: what is approved stays in force until the new is approved") {
  Vault vault;
  const std::string id = vault.approved();
  const std::string seen = vault.show(id).header("etag");
  CHECK(outcome(vault.decide(id, "approve")) == "409 strategy_lock.invalid_state");
  CHECK(outcome(vault.decide(id, "reject")) == "409 strategy_lock.invalid_state");
  const Answer edited = vault.edit(id, {{"allowed_actions", {"raw_register"}}}, "owner");
  CHECK(edited.json.at("status") == "approved");
  CHECK(edited.json.at("decided_by") == vault.tenant.admin.id);
  CHECK(edited.json.at("allowed_actions") == Json::array({"raw_presign"}));
  CHECK(edited.json.at("draft").at("allowed_actions") == Json::array({"raw_register"}));
  CHECK(edited.json.at("draft").at("title") == "A plan");
  CHECK(edited.header("etag") != seen);
  CHECK(vault.says() == kPass);
  CHECK(vault.says("prod", "raw_register") == kMissing);

  CHECK(vault.edit(id, {{"title", "A better plan"}}, "owner").json.at("draft").at("allowed_actions") ==
        Json::array({"raw_register"}));
  CHECK(vault.says() == kPass);
  CHECK(outcome(vault.decide(id, "approve", "owner")) == "409 strategy_lock.self_approval");
  const Headers stale = with(vault.as("admin"), {{"If-Match", edited.header("etag")}});
  CHECK(outcome(vault.world.call("POST", "/strategy-locks/" + id + "/approve", stale)) == "412 precondition.failed");
  const Answer approved = vault.decide(id, "approve", "admin");
  CHECK(outcome(approved) == "200");
  CHECK(approved.json.at("draft").is_null());
  CHECK(approved.json.at("title") == "A better plan");
  CHECK(vault.says() == kMissing);
  CHECK(vault.says("prod", "raw_register") == kPass);
}

TEST_CASE("a draft version that is rejected goes alone; a rejected lock stays so") {
  Vault vault;
  const std::string id = vault.approved();
  CHECK(outcome(vault.edit(id, {{"valid_until", "2020-01-01T00:00:00Z"}}, "owner")) == "200");
  CHECK(vault.status(id) == "approved");
  CHECK(outcome(vault.decide(id, "approve", "admin")) == "409 strategy_lock.invalid_state");  // over before it begins
  const Answer dropped = vault.decide(id, "reject", "admin");
  CHECK(outcome(dropped) == "200");
  CHECK(dropped.json.at("status") == "approved");
  CHECK(dropped.json.at("draft").is_null());
  CHECK(vault.says() == kPass);
  CHECK(outcome(vault.decide(id, "reject")) == "409 strategy_lock.invalid_state");

  const std::string other = vault.created();
  CHECK(outcome(vault.decide(other, "reject")) == "200");
  CHECK(vault.status(other) == "rejected");
  for (const char* verb : {"approve", "reject"})
    CHECK(outcome(vault.decide(other, verb, "owner")) == "409 strategy_lock.invalid_state");
  CHECK(outcome(vault.edit(other, {{"title", "Again"}}, "owner")) == "409 strategy_lock.invalid_state");
  CHECK(vault.status(other) == "rejected");
}

TEST_CASE("a member edits drafts that he made himself; anything else on a lock is an admin's") {
  Vault vault;
  const std::string refused = "403 auth.insufficient_role";
  const std::string id = vault.created();
  CHECK(outcome(vault.edit(id, {{"title", "Mine"}})) == "200");
  CHECK(outcome(vault.edit(id, {{"title", "Ours"}}, "owner")) == "200");
  CHECK(outcome(vault.edit(id, {{"title", "Mine again"}})) == "200");
  REQUIRE(outcome(vault.decide(id, "approve", "admin")) == "200");
  CHECK(outcome(vault.edit(id, {{"valid_until", "2020-01-01T00:00:00Z"}})) == refused);
  CHECK(vault.says() == kPass);
  REQUIRE(outcome(vault.edit(id, {{"title", "Draft version"}}, "admin")) == "200");
  CHECK(outcome(vault.edit(id, {{"title", "Not mine"}})) == refused);

  const Person other = vault.world.new_person();
  vault.world.set_member(vault.tenant.id, other.id, "member");
  const std::string theirs = vault.created();
  CHECK(outcome(vault.world.call("PATCH", "/strategy-locks/" + theirs, World::in(other, vault.tenant.id, "prod"),
                                 Json{{"title", "x"}})) == refused);
  CHECK(outcome(vault.edit(theirs, {{"title", "x"}}, "admin")) == "200");
  const std::string of_owner = vault.created(Json::object(), "owner");
  CHECK(outcome(vault.edit(of_owner, {{"title", "x"}})) == refused);
}

TEST_CASE("at most 256 locks are in force in a tenant and env, of 64 actions each") {
  Vault vault;
  const auto actions = [](int count) {
    Json list = Json::array();
    for (int i = 0; i < count; ++i) list.push_back("act_" + std::to_string(i));
    return Json{{"allowed_actions", list}};
  };
  CHECK(fault(vault.create(Vault::lock(actions(65)))) == "422 validation.failed /allowed_actions");
  CHECK(outcome(vault.create(Vault::lock(actions(64)))) == "201");
  std::string first;
  for (int i = 0; i < 256; ++i) {
    const std::string id = vault.created({{"surface", "s" + std::to_string(i)}}, "admin", "dev");
    REQUIRE(outcome(vault.decide(id, "approve", "admin", "dev")) == "200");
    if (i == 0) first = id;
  }
  const std::string more = vault.created(Json::object(), "admin", "dev");
  CHECK(outcome(vault.decide(more, "approve", "admin", "dev")) == "409 limit.reached");
  CHECK(vault.says("dev") == "not_configured ");
  // A new version of one that is in force is no further lock; one that ends makes room.
  REQUIRE(outcome(vault.edit(first, {{"title", "New"}}, "admin", "dev")) == "200");
  CHECK(outcome(vault.decide(first, "approve", "admin", "dev")) == "200");
  const Micros end = now_micros() + kSecond;
  REQUIRE(outcome(vault.edit(first, {{"valid_until", to_rfc3339(end)}}, "admin", "dev")) == "200");
  REQUIRE(outcome(vault.decide(first, "approve", "admin", "dev")) == "200");
  while (now_micros() < end) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(outcome(vault.decide(more, "approve", "admin", "dev")) == "200");
}

}  // namespace nexus::test
