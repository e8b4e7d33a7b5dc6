// Feature flags with their fallbacks, and rate limits of a tenant: who lowers, who raises, and for whom they stand.
#include <tuple>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// One configuration document at `path`.
struct Document {
  std::string path;
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Answer get(const Person& who, const std::string& env = "dev") {
    return world.call("GET", path, World::in(who, tenant.id, env));
  }
  Answer put(const Person& who, const Json& body, const Headers& more = {}) {
    return world.call("PUT", path, with(World::in(who, tenant.id), more), body);
  }
  Answer put(const Json& body) { return put(tenant.admin, body); }
};

Json limit(std::int64_t requests, std::int64_t window_seconds) {
  return {{"requests", requests}, {"window_seconds", window_seconds}};
}

std::string presign(Document& limits, const std::string& env = "dev") {
  return outcome(limits.world.call("POST", "/nexus/raw/presign-upload",
                                   World::in(limits.tenant.member, limits.tenant.id, env), Json{{"filename", "a"}}));
}

}  // namespace

// ---- feature flags --------------------------------------------------------------------------------------------------

TEST_CASE("flags that were never set are true, true, false") {
  Document flags{"/feature-flags"};
  const Answer answer = flags.get(flags.tenant.viewer);
  CHECK(answer.status == 200);
  CHECK(answer.json["ws_enabled"] == true);
  CHECK(answer.json["sse_enabled"] == true);
  CHECK(answer.json["gesture_logging"] == false);
  CHECK(answer.json["tenant_id"] == flags.tenant.id);
  CHECK(answer.json["updated_at"].is_null());
  CHECK(!answer.header("etag").empty());
}

TEST_CASE("a flag falls back to t_system's, and then to what is built in") {
  Document flags{"/feature-flags"};
  World& world = flags.world;
  const auto put_system = [&](const Json& body) {
    return world.call("PUT", "/feature-flags", World::in(world.root(), "t_system"), body).status;
  };
  const std::string etag = flags.get(flags.tenant.admin).header("etag");
  REQUIRE(put_system({{"gesture_logging", true}, {"sse_enabled", false}}) == 200);
  CHECK(flags.get(flags.tenant.viewer).json["gesture_logging"] == true);
  CHECK(flags.get(flags.tenant.viewer).json["sse_enabled"] == false);
  CHECK(flags.get(flags.tenant.viewer).header("etag") != etag);
  CHECK(flags.get(flags.tenant.viewer, "staging").json["gesture_logging"] == false);
  REQUIRE(flags.put({{"gesture_logging", false}}).status == 200);
  CHECK(flags.get(flags.tenant.viewer).json["gesture_logging"] == false);
  const Answer unset = flags.put({{"gesture_logging", nullptr}});
  CHECK(unset.json["gesture_logging"] == true);
  CHECK(unset.json["set"]["gesture_logging"].is_null());
  REQUIRE(put_system({{"gesture_logging", nullptr}, {"sse_enabled", nullptr}}) == 200);
  CHECK(flags.get(flags.tenant.viewer).json["gesture_logging"] == false);
  CHECK(flags.get(flags.tenant.viewer).json["sse_enabled"] == true);
}

TEST_CASE("a PUT of flags keeps those that it does not send, and honours If-Match") {
  Document flags{"/feature-flags"};
  const Answer first = flags.put({{"ws_enabled", false}});
  CHECK(first.json["ws_enabled"] == false);
  const Answer second =
      flags.put(flags.tenant.admin, {{"gesture_logging", true}}, {{"If-Match", first.header("etag")}});
  CHECK(second.status == 200);
  CHECK(second.json["ws_enabled"] == false);
  CHECK(second.json["gesture_logging"] == true);
  CHECK(second.json["updated_by"] == flags.tenant.admin.id);
  CHECK(std::stoi(second.header("nexus-audit-seq")) == std::stoi(first.header("nexus-audit-seq")) + 1);
  CHECK(outcome(flags.put(flags.tenant.admin, {{"ws_enabled", true}}, {{"If-Match", first.header("etag")}})) ==
        "412 precondition.failed");
  CHECK(flags.get(flags.tenant.viewer).json == second.json);
}

TEST_CASE("flags refuse what they cannot mean, and whom they are not for") {
  Document flags{"/feature-flags"};
  CHECK(outcome(flags.put({{"ws_enabled", "on"}})) == "422 validation.failed");
  CHECK(outcome(flags.put({{"sse_enabled", 1}})) == "422 validation.failed");
  const Answer misspelt = flags.put({{"websocket_enabled", true}});
  CHECK(outcome(misspelt) == "422 validation.unknown_field");
  CHECK(pointers(misspelt) == "/websocket_enabled");
  CHECK(outcome(flags.put(flags.tenant.member, {{"ws_enabled", false}})) == "403 auth.insufficient_role");
  const Tenant other = flags.world.new_tenant_with_members();
  CHECK(outcome(flags.put(other.admin, {{"ws_enabled", false}})) == "403 auth.not_a_member");
  REQUIRE(flags.put({{"ws_enabled", false}}).status == 200);
  CHECK(flags.world.call("GET", "/feature-flags", World::in(other.viewer, other.id)).json["ws_enabled"] == true);
  CHECK(flags.get(flags.tenant.viewer, "staging").json["ws_enabled"] == true);
}

TEST_CASE("turning features off is never gated, turning them on is") {
  Document flags{"/feature-flags"};
  REQUIRE(flags.world
              .put_kill_switches(flags.tenant.admin, flags.tenant.id, {{"disabled_actions", {"feature_flags_update"}}})
              .status == 200);
  CHECK(flags.put({{"ws_enabled", false}}).status == 200);
  CHECK(outcome(flags.put({{"ws_enabled", true}})) == "403 kill_switch_blocked");
  CHECK(outcome(flags.put({{"gesture_logging", true}})) == "403 kill_switch_blocked");
}

// ---- limits ---------------------------------------------------------------------------------------------------------

TEST_CASE("limits that were never set are the daemon's default for all") {
  Document limits{"/limits"};
  CHECK(limits.get(limits.tenant.admin).json == Json{{"*", limit(1'000'000, 60)}});
  CHECK(outcome(limits.get(limits.tenant.member)) == "403 auth.insufficient_role");
}

TEST_CASE("a limit stands at once, for its tenant, env and action alone") {
  Document limits{"/limits"};
  Document other{"/limits"};
  const Answer put = limits.put({{"raw_presign", limit(3, 3600)}});
  REQUIRE(put.status == 200);
  CHECK(put.json == Json{{"*", limit(1'000'000, 60)}, {"raw_presign", limit(3, 3600)}});
  for (int i = 0; i < 3; ++i) CHECK(presign(limits) == "200");
  const Answer spent = limits.world.call("POST", "/nexus/raw/presign-upload",
                                         World::in(limits.tenant.member, limits.tenant.id), Json{{"filename", "a"}});
  CHECK(outcome(spent) == "429 rate_limit_exceeded");
  CHECK(spent.header("ratelimit-policy") == "\"default\";q=3;w=3600");
  const int retry = std::stoi(spent.header("retry-after"));
  CHECK((retry > 1190 && retry <= 1200));
  CHECK(presign(other) == "200");
  CHECK(limits.world.call("GET", "/nexus/raw", World::in(limits.tenant.member, limits.tenant.id)).status == 200);
  CHECK(limits.get(limits.tenant.admin, "staging").json == Json{{"*", limit(1'000'000, 60)}});
  REQUIRE(limits.put({{"raw_presign", nullptr}}).status == 200);
  CHECK(presign(limits) == "200");
}

TEST_CASE("a raised limit stands at once too, whatever was spent under the lower one") {
  Document limits{"/limits"};
  REQUIRE(limits.put({{"raw_presign", limit(1, 3600)}}).status == 200);
  CHECK(presign(limits) == "200");
  CHECK(presign(limits) == "429 rate_limit_exceeded");
  REQUIRE(limits.put({{"raw_presign", limit(20, 3600)}}).status == 200);
  for (int i = 0; i < 19; ++i) REQUIRE(presign(limits) == "200");
  CHECK(presign(limits) == "429 rate_limit_exceeded");
}

TEST_CASE("an action's own limit comes before that of the star") {
  Document limits{"/limits"};
  REQUIRE(limits.put({{"*", limit(2, 3600)}, {"raw_presign", limit(4, 3600)}}).status == 200);
  for (int i = 0; i < 4; ++i) CHECK(presign(limits) == "200");
  CHECK(presign(limits) == "429 rate_limit_exceeded");
  const Headers reader = World::in(limits.tenant.viewer, limits.tenant.id);
  for (int i = 0; i < 2; ++i) CHECK(limits.world.call("GET", "/nexus/raw", reader).status == 200);
  CHECK(outcome(limits.world.call("GET", "/nexus/raw", reader)) == "429 rate_limit_exceeded");
  for (int i = 0; i < 5; ++i) CHECK(limits.get(limits.tenant.admin).status == 200);  // what repairs is not shut in
  CHECK(limits.put({{"*", nullptr}}).status == 200);
  CHECK(limits.world.call("GET", "/nexus/raw", reader).status == 200);
}

TEST_CASE("an admin lowers, and only the system role raises above the default") {
  Document limits{"/limits"};
  const Person& root = limits.world.root();
  const auto raise = [](std::int64_t requests) { return Json{{"raw_presign", limit(requests, 60)}}; };
  CHECK(limits.put(raise(1'000'000)).status == 200);
  CHECK(limits.put(raise(10)).status == 200);
  CHECK(limits.put(raise(1'000'000)).status == 200);
  CHECK(outcome(limits.put(raise(1'000'001))) == "403 auth.insufficient_role");
  CHECK(outcome(limits.put({{"raw_presign", limit(1'000'000, 59)}})) == "403 auth.insufficient_role");
  CHECK(outcome(limits.put({{"raw_presign", limit(1'000'001, 86'400)}})) == "403 auth.insufficient_role");
  CHECK(outcome(limits.put(limits.tenant.owner, {{"*", limit(2'000'000, 60)}})) == "403 auth.insufficient_role");
  CHECK(limits.put(root, raise(3'000'000)).status == 200);
  CHECK(limits.put(raise(2'000'000)).status == 200);
  CHECK(outcome(limits.put(raise(2'500'000))) == "403 auth.insufficient_role");
  CHECK(limits.get(limits.tenant.admin).json["raw_presign"] == limit(2'000'000, 60));
}

TEST_CASE("limits refuse what they cannot mean") {
  Document limits{"/limits"};
  for (const auto& [body, code, pointer] : std::vector<std::tuple<Json, std::string, std::string>>{
           {{{"raw_presing", limit(1, 1)}}, "422 validation.unknown_field", "/raw_presing"},
           {{{"raw_presign", 5}}, "422 validation.failed", "/raw_presign"},
           {{{"raw_presign", limit(0, 60)}}, "422 validation.failed", "/raw_presign/requests"},
           {{{"raw_presign", limit(5, 0)}}, "422 validation.failed", "/raw_presign/window_seconds"},
           {{{"raw_presign", limit(5, 86'401)}}, "422 validation.failed", "/raw_presign/window_seconds"},
           {{{"raw_presign", {{"requests", 5}}}}, "422 validation.failed", "/raw_presign/window_seconds"},
           {{{"raw_presign", {{"requests", 5}, {"window_seconds", 5}, {"burst", 5}}}},
            "422 validation.unknown_field",
            "/raw_presign/burst"},
           {{{"limits_update", limit(1, 60)}}, "422 validation.failed", "/limits_update"}}) {
    INFO(body.dump());
    const Answer answer = limits.put(body);
    CHECK(outcome(answer) == code);
    CHECK(pointers(answer) == pointer);
  }
  CHECK(limits.get(limits.tenant.admin).json == Json{{"*", limit(1'000'000, 60)}});
}

TEST_CASE("lowering is never gated, raising is; and nobody overwrites what he has not seen") {
  Document limits{"/limits"};
  const Answer first = limits.put({{"raw_presign", limit(100, 60)}});
  REQUIRE(
      limits.world.put_kill_switches(limits.tenant.admin, limits.tenant.id, {{"disabled_actions", {"limits_update"}}})
          .status == 200);
  const Answer lower = limits.put({{"raw_presign", limit(50, 60)}});
  CHECK(lower.status == 200);
  CHECK(std::stoi(lower.header("nexus-audit-seq")) == std::stoi(first.header("nexus-audit-seq")) + 2);
  CHECK(limits.put({{"*", limit(1000, 60)}}).status == 200);
  CHECK(outcome(limits.put({{"raw_presign", limit(51, 60)}})) == "403 kill_switch_blocked");
  CHECK(outcome(limits.put({{"*", nullptr}})) == "403 kill_switch_blocked");
  CHECK(outcome(limits.put(limits.tenant.admin, {{"raw_presign", limit(1, 60)}},
                           {{"If-Match", first.header("etag")}})) == "412 precondition.failed");
}

}  // namespace nexus::test
