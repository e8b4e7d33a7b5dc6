// The kill-switch document: replacing fields, tightening, expiry, versions.
#include <chrono>

#include "tests/api/kill_switch_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {

TEST_CASE("kill switches that were never set disable nothing") {
  Switches switches;
  const Answer answer = switches.get();
  CHECK(answer.status == 200);
  CHECK(answer.json["disable_providers"] == Json::array());
  CHECK(answer.json["disabled_actions"] == Json::array());
  CHECK(answer.json["disable_autonomy"] == false);
  CHECK(answer.json["reason"].is_null());
  CHECK(answer.json["expires_at"].is_null());
  CHECK(answer.json["tenant_id"] == switches.tenant.id);
  CHECK(answer.json["env"] == "dev");
  CHECK(!answer.header("etag").empty());
}

TEST_CASE("a PUT replaces the fields that it sends and keeps the others") {
  Switches switches;
  REQUIRE(switches.put({{"disabled_actions", {"raw_presign"}}, {"reason", "an incident"}}).status == 200);
  const Answer second = switches.put({{"disable_providers", {"OpenAI"}}});
  CHECK(second.json["disabled_actions"] == Json{"raw_presign"});
  CHECK(second.json["disable_providers"] == Json{"openai"});
  CHECK(second.json["reason"] == "an incident");
  CHECK(second.json["updated_by"] == switches.tenant.admin.id);
  CHECK(switches.get().json == second.json);
  CHECK(switches.put({{"reason", nullptr}}).json["reason"].is_null());
}

TEST_CASE("kill switches refuse what they cannot mean") {
  Switches switches;
  for (const Json& body :
       {Json{{"disabled_actions", "raw_presign"}}, Json{{"disabled_actions", {7}}}, Json{{"disabled_actions", {"RAW"}}},
        Json{{"disabled_actions", {""}}}, Json{{"disabled_actions", nullptr}}, Json{{"disable_providers", {""}}},
        Json{{"disable_autonomy", "yes"}}, Json{{"disable_autonomy", 1}}, Json{{"reason", ""}},
        Json{{"reason", std::string(501, 'x')}}, Json{{"expires_at", "tomorrow"}},
        Json{{"expires_at", "2030-01-01T00:00:00"}}, Json{{"expires_at", in_seconds(-5)}}}) {
    INFO(body.dump());
    CHECK(outcome(switches.put(body)) == "422 validation.failed");
  }
  CHECK(switches.presign() == "200");
}

TEST_CASE("what is switched off is off for every request after the answer, and on again after the next") {
  Switches switches;
  for (int round = 0; round < 5; ++round) {
    REQUIRE(switches.put({{"disabled_actions", {"raw_presign"}}}).status == 200);
    CHECK(switches.presign() == "403 kill_switch_blocked");
    REQUIRE(switches.put({{"disabled_actions", Json::array()}}).status == 200);
    CHECK(switches.presign() == "200");
  }
}

TEST_CASE("the kill switch never judges its own update, by name or by star") {
  Switches switches;
  REQUIRE(switches.put({{"disabled_actions", {"*", "kill_switch_update"}}, {"disable_autonomy", true}}).status == 200);
  CHECK(switches.presign() == "403 kill_switch_blocked");
  CHECK(switches.put({{"disabled_actions", Json::array()}}).status == 200);
  CHECK(switches.presign() == "200");
}

TEST_CASE("expires_at ends the whole document by itself") {
  Switches switches;
  REQUIRE(switches.put({{"disabled_actions", {"raw_presign"}}, {"expires_at", in_seconds(2)}}).status == 200);
  CHECK(switches.presign() == "403 kill_switch_blocked");
  const std::string before = switches.get().header("etag");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (switches.presign() != "200") REQUIRE(std::chrono::steady_clock::now() < deadline);
  const Json json = switches.get().json;
  CHECK(json["disabled_actions"] == Json::array());
  CHECK(json["expires_at"].is_null());
  const std::string after = switches.get().header("etag");
  CHECK(after != before);
  CHECK(outcome(switches.put({{"reason", "one"}}, {{"If-Match", before}})) == "412 precondition.failed");
  CHECK(switches.put({{"reason", "one"}}, {{"If-Match", after}}).status == 200);
}

TEST_CASE("If-Match holds a PUT to the version that was read") {
  Switches switches;
  const std::string first = switches.get().header("etag");
  const Answer changed = switches.put({{"reason", "one"}}, {{"If-Match", first}});
  REQUIRE(changed.status == 200);
  const std::string second = changed.header("etag");
  CHECK(second != first);
  CHECK(switches.get().header("etag") == second);
  const Answer stale = switches.put({{"disabled_actions", {"raw_presign"}}}, {{"If-Match", first}});
  CHECK(outcome(stale) == "412 precondition.failed");
  CHECK(!stale.has("nexus-audit-seq"));
  CHECK(switches.presign() == "200");
  CHECK(switches.put({{"reason", "two"}}, {{"If-Match", "*"}}).status == 200);
  CHECK(outcome(switches.put({{"reason", "three"}}, {{"If-Match", "\"none of ours\""}})) == "412 precondition.failed");
  const std::string now = switches.get().header("etag");
  CHECK(switches.put({{"reason", "four"}}, {{"If-Match", "\"other\", " + now}}).status == 200);
}

}  // namespace nexus::test
