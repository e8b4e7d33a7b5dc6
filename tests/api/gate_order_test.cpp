// The order of the gates: with all six refusing, exactly the first speaks; mended one at a time, the chain is walked to
// its end. In a strict env, where nothing configured means no, and in dev, where it does not.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

const std::string kEnv = "staging";

struct Scene {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();
  Headers member = World::in(tenant.member, tenant.id, kEnv);
  Headers admin = World::in(tenant.admin, tenant.id, kEnv);
  Headers owner = World::in(tenant.owner, tenant.id, kEnv);
  Headers root = World::in(world.root(), tenant.id, kEnv);  // with a reason

  Answer presign() { return world.call("POST", "/nexus/raw/presign-upload", member, Json{{"filename", "a.txt"}}); }
  void done(const Answer& answer) {
    CAPTURE(answer.body);
    REQUIRE(answer.status >= 200);
    REQUIRE(answer.status < 300);
  }
};

/// The verdicts of a refusal's decision, as "kill_switch:pass firearms:block".
std::string verdicts(const Json& decision) {
  std::string out;
  for (const auto& gate : decision.at("gates"))
    out += (out.empty() ? "" : " ") + gate.at("gate").get<std::string>() + ":" + gate.at("verdict").get<std::string>();
  return out;
}

/// Everything that stops raw_presign. What a lock would have to allow, the system token does, with its reason.
void close_all(Scene& scene) {
  scene.done(scene.world.call("PUT", "/kill-switches", scene.admin, Json{{"disabled_actions", {"raw_presign"}}}));
  scene.done(scene.world.call("PUT", "/firearms/dangerous-actions", scene.root, Json{{"raw_presign", "low"}}));
  scene.done(scene.world.call("PUT", "/temperature/floors", scene.admin,
                              Json{{"surface", "raw_storage"}, {"performance_floors", {{"views", 10}}}}));
}

void approve_lock(Scene& scene) {
  const Answer lock = scene.world.call("POST", "/strategy-locks", scene.admin,
                                       Json{{"scope", "other"}, {"title", "all"}, {"allowed_actions", {"*"}}});
  scene.done(lock);
  const std::string id = lock.json.at("lock_id");
  scene.done(scene.world.call("POST", "/strategy-locks/" + id + "/approve", scene.owner, Json::object()));
}

}  // namespace

TEST_CASE("with all six gates refusing the first speaks, and mending one at a time walks the chain", "[gates]") {
  Scene scene;
  close_all(scene);

  Answer refused = scene.presign();
  CHECK(outcome(refused) == "403 kill_switch_blocked");
  CHECK(verdicts(refused.json.at("decision")) == "kill_switch:block");

  // Lifting the switch and giving licences loosen: without a lock only the system token may, and says why.
  scene.done(scene.world.call("PUT", "/kill-switches", scene.root, Json{{"disabled_actions", Json::array()}}));
  refused = scene.presign();
  CHECK(outcome(refused) == "403 firearms_licence_required");
  CHECK(verdicts(refused.json.at("decision")) == "kill_switch:pass firearms:block");

  scene.done(
      scene.world.call("POST", "/firearms/licences", scene.root,
                       Json{{"subject_type", "user"}, {"subject_id", scene.tenant.member.id}, {"level", "low"}}));
  refused = scene.presign();
  CHECK(outcome(refused) == "409 strategy_lock_required");
  CHECK(verdicts(refused.json.at("decision")) == "kill_switch:pass firearms:pass strategy_lock:block");

  approve_lock(scene);
  refused = scene.presign();
  CHECK(outcome(refused) == "403 budget_threshold_missing");
  CHECK(verdicts(refused.json.at("decision")) == "kill_switch:pass firearms:pass strategy_lock:pass budget:block");

  scene.done(scene.world.call(
      "PUT", "/budget/policies", scene.admin,
      Json{{"surface", "*"}, {"threshold", {{"amount_micros", 1000000}, {"currency", "EUR"}}}, {"window_days", 7}}));
  refused = scene.presign();
  CHECK(outcome(refused) == "403 kpi_threshold_missing");
  CHECK(verdicts(refused.json.at("decision")) ==
        "kill_switch:pass firearms:pass strategy_lock:pass budget:pass kpi:block");

  scene.done(scene.world.call("POST", "/kpi/definitions", scene.admin, Json{{"name", "errors"}, {"aggregate", "sum"}}));
  scene.done(scene.world.call("PUT", "/kpi/corridors", scene.admin,
                              Json{{"kpi_name", "errors"}, {"surface", "*"}, {"ceiling", 5}}));
  refused = scene.presign();
  CHECK(outcome(refused) == "403 temperature_breach");
  CHECK(verdicts(refused.json.at("decision")) ==
        "kill_switch:pass firearms:pass strategy_lock:pass budget:pass kpi:pass temperature:block");

  scene.done(scene.world.call("PUT", "/temperature/floors", scene.admin,
                              Json{{"surface", "raw_storage"}, {"performance_floors", Json::object()}}));
  scene.done(scene.presign());
}

TEST_CASE("explain asks every gate, past the first refusal, and leaves no audit row", "[gates]") {
  Scene scene;
  close_all(scene);
  const Answer before = scene.world.call("PUT", "/kill-switches", scene.admin, Json{{"disabled_actions", {"*"}}});
  const Answer explained = scene.world.call("POST", "/gates/explain", scene.member,
                                            Json{{"action", "raw_presign"}, {"surface", "raw_storage"}});
  scene.done(explained);
  CHECK(verdicts(explained.json.at("decision")) ==
        "kill_switch:block firearms:block strategy_lock:block budget:block kpi:block temperature:block");
  for (const auto& gate : explained.json.at("decision").at("gates")) {
    CAPTURE(gate.dump());
    CHECK(gate.contains("code"));
    CHECK(gate.at("remedy").get<std::string>().starts_with("nexusctl "));
  }
  const Answer after =
      scene.world.call("PUT", "/kill-switches", scene.admin, Json{{"disabled_actions", {"*", "raw_register"}}});
  CHECK(std::stol(after.header("Nexus-Audit-Seq")) == std::stol(before.header("Nexus-Audit-Seq")) + 1);
}

TEST_CASE("in dev nothing configured lets pass, and says that nothing was configured", "[gates]") {
  Scene scene;
  const Headers dev = World::in(scene.tenant.member, scene.tenant.id, "dev");
  const Answer explained =
      scene.world.call("POST", "/gates/explain", dev, Json{{"action", "raw_presign"}, {"surface", "raw_storage"}});
  scene.done(explained);
  CHECK(explained.json.at("decision").at("result") == "PASS");
  scene.done(scene.world.call("POST", "/nexus/raw/presign-upload", dev, Json{{"filename", "a.txt"}}));
}

TEST_CASE("the system token passes over lock, budget, KPI and temperature, never over kill switch or firearms",
          "[gates]") {
  Scene scene;
  const auto presign = [&] {
    return scene.world.call("POST", "/nexus/raw/presign-upload", scene.root, Json{{"filename", "a.txt"}});
  };
  scene.done(presign());
  const Answer explained = scene.world.call("POST", "/gates/explain", scene.root,
                                            Json{{"action", "raw_presign"}, {"surface", "raw_storage"}});
  scene.done(explained);
  CHECK(verdicts(explained.json.at("decision")).find("strategy_lock:overridden") != std::string::npos);
  CHECK(verdicts(explained.json.at("decision")).find("budget:overridden") != std::string::npos);

  scene.done(scene.world.call("PUT", "/firearms/dangerous-actions", scene.root, Json{{"raw_presign", "low"}}));
  CHECK(outcome(presign()) == "403 firearms_licence_required");
  scene.done(scene.world.call("PUT", "/kill-switches", scene.admin, Json{{"disabled_actions", {"raw_presign"}}}));
  CHECK(outcome(presign()) == "403 kill_switch_blocked");
}

TEST_CASE("an act outside the daemon passes the whole chain and leaves its row under its own name", "[gates]") {
  Scene scene;
  const Headers dev = World::in(scene.tenant.member, scene.tenant.id, "dev");
  const Answer passed =
      scene.world.call("POST", "/gates/check", dev, Json{{"action", "send_letter"}, {"surface", "mail"}});
  scene.done(passed);
  CHECK(passed.json.at("decision").at("result") == "PASS");
  CHECK(passed.has("Nexus-Audit-Seq"));
  CHECK(outcome(scene.world.call("POST", "/gates/check", dev,
                                 Json{{"action", "publish_sensitive"}, {"surface", "mail"}})) ==
        "403 firearms_licence_required");
  for (const char* own : {"raw_presign", "system_read", "auth_failed"})
    CHECK(outcome(scene.world.call("POST", "/gates/check", dev, Json{{"action", own}, {"surface", "mail"}})) ==
          "422 validation.failed");
}
