// Explain says what would really happen: under the surface that the act is judged by, with what refuses before the
// gates, and of an action that nobody knows that nobody knows it. And which surface an act is judged by.
#include "tests/api/expect.hpp"
#include "tests/api/routes.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Desk {
  World& world = shared_world();
  Tenant tenant = shared_world().new_tenant_with_members();

  Headers as(const std::string& role, const std::string& env = "dev") const {
    return World::in(tenant.at(role), tenant.id, env);
  }
  Answer explain(const Json& body, const std::string& role = "admin", const std::string& env = "dev") {
    return world.call("POST", "/gates/explain", as(role, env), body);
  }
  Json decision(const Json& body, const std::string& role = "admin", const std::string& env = "dev") {
    const Answer answer = explain(body, role, env);
    REQUIRE(outcome(answer) == "200");
    return answer.json.at("decision");
  }
};

std::string fault(const Answer& answer) { return outcome(answer) + " " + pointers(answer); }

/// The codes of the preconditions, in order.
std::string codes(const Json& decision) {
  std::string out;
  for (const auto& item : decision.at("preconditions"))
    out += (out.empty() ? "" : " ") + item.at("code").get<std::string>();
  return out;
}

}  // namespace

TEST_CASE("an action whose route fixes its surface needs none, and takes no other", "[explain]") {
  Desk desk;
  const Json decision = desk.decision({{"action", "raw_register"}});
  CHECK(decision.at("surface") == "raw_storage");
  CHECK(decision.at("result") == "PASS");
  CHECK(desk.decision({{"action", "raw_register"}, {"surface", "raw_storage"}}).at("surface") == "raw_storage");
  const Answer other = desk.explain({{"action", "raw_register"}, {"surface", "control"}});
  CHECK(fault(other) == "422 validation.failed /surface");
  CHECK(other.json.at("errors").at(0).at("detail").get<std::string>().find("raw_storage") != std::string::npos);
  CHECK(desk.decision({{"action", "kill_switch_update"}}).at("surface") == "control");
}

TEST_CASE("where the body of an act names its surface, explain asks for it", "[explain]") {
  Desk desk;
  for (const char* action : {"budget_policy_update", "kpi_corridor_update", "temperature_config_update",
                             "analytics_pageview", "lock_create", "gates_check"}) {
    INFO(action);
    CHECK(fault(desk.explain({{"action", action}})) == "422 validation.failed /surface");
    CHECK(desk.decision({{"action", action}, {"surface", "cards"}}).at("surface") == "cards");
  }
}

TEST_CASE("what is only recorded is judged under a surface of its own, whatever it measures", "[explain]") {
  Desk desk;
  for (const auto& [action, surface] : {std::pair{"usage_record", "budget"}, std::pair{"kpi_observe", "kpi"},
                                        std::pair{"temperature_snapshot", "temperature"}}) {
    INFO(action);
    CHECK(desk.decision({{"action", action}}).at("surface") == surface);
    CHECK(fault(desk.explain({{"action", action}, {"surface", "cards"}})) == "422 validation.failed /surface");
  }
  const Answer lock = desk.world.call("POST", "/strategy-locks", desk.as("admin"),
                                      Json{{"scope", "other"},
                                           {"title", "Another act, on the cards"},
                                           {"surface", "cards"},
                                           {"allowed_actions", {"card_create"}}});
  REQUIRE(
      desk.world
          .call("POST", "/strategy-locks/" + lock.json.at("lock_id").get<std::string>() + "/approve", desk.as("admin"))
          .status == 200);
  CHECK(outcome(desk.world.call("POST", "/temperature/snapshots", desk.as("member"), Json{{"surface", "cards"}})) ==
        "201");
}

TEST_CASE("an action that nobody knows is told to be unknown, with a near miss", "[explain]") {
  Desk desk;
  const Answer misspelt = desk.explain({{"action", "raw_presing"}});
  CHECK(outcome(misspelt) == "200");
  CHECK(misspelt.json.at("known") == false);
  CHECK(misspelt.json.at("near") == "raw_presign");
  CHECK(misspelt.json.at("decision").is_null());  // nothing could be judged: the act outside has no surface
  const Answer outside = desk.explain({{"action", "send_newsletter_now"}, {"surface", "mail"}});
  CHECK(outside.json.at("known") == false);
  CHECK(outside.json.at("near").is_null());
  CHECK(outside.json.at("decision").at("result") == "PASS");
  CHECK(desk.explain({{"action", "raw_presign"}}).json.at("known") == true);
}

TEST_CASE("an act outside is known once it is declared dangerous, or a lock in force names it", "[explain]") {
  Desk desk;
  const auto known = [&](const std::string& action) {
    return desk.explain({{"action", action}, {"surface", "mail"}}).json.at("known").get<bool>();
  };
  CHECK(known("publish_sensitive"));
  CHECK(fault(desk.explain({{"action", "publish_sensitive"}})) == "422 validation.failed /surface");
  CHECK_FALSE(known("send_letter"));
  REQUIRE(
      desk.world.call("PUT", "/firearms/dangerous-actions", desk.as("admin"), Json{{"send_letter", "low"}}).status ==
      200);
  CHECK(known("send_letter"));
  CHECK_FALSE(known("send_card"));
  const Answer lock = desk.world.call("POST", "/strategy-locks", desk.as("admin"),
                                      Json{{"scope", "other"}, {"title", "Mail"}, {"allowed_actions", {"send_card"}}});
  REQUIRE(
      desk.world
          .call("POST", "/strategy-locks/" + lock.json.at("lock_id").get<std::string>() + "/approve", desk.as("admin"))
          .status == 200);
  CHECK(known("send_card"));
}

TEST_CASE("explain names what refuses before the gates", "[explain]") {
  Desk desk;
  CHECK(codes(desk.decision({{"action", "raw_presign"}})).empty());
  const Json in_prod = desk.decision({{"action", "raw_presign"}}, "admin", "prod");
  CHECK(codes(in_prod) == "storage.local_in_prod");
  CHECK(in_prod.at("preconditions").at(0).at("route") == "POST /nexus/raw/presign-upload");
  CHECK(in_prod.at("result") == "BLOCK");
  CHECK(outcome(desk.world.call("POST", "/nexus/raw/presign-upload", desk.as("member", "prod"),
                                Json{{"filename", "a"}})) == "503 storage.local_in_prod");
  CHECK(codes(desk.decision({{"action", "card_create"}}, "admin", "prod")).empty());

  const Json of_viewer = desk.decision({{"action", "firearms_issue"}, {"as_user", desk.tenant.viewer.id}});
  CHECK(codes(of_viewer) == "auth.insufficient_role");
  CHECK(of_viewer.at("result") == "BLOCK");

  desk.world.set_status(desk.tenant.id, "suspended");
  const Json suspended = desk.decision({{"action", "raw_presign"}});
  CHECK(codes(suspended) == "tenant.suspended");
  CHECK(suspended.at("result") == "BLOCK");
  CHECK(suspended.at("preconditions").at(0).at("remedy") == "nexusctl tenant enable " + desk.tenant.id);
  CHECK(codes(desk.decision({{"action", "raw_read"}})).empty());
}

TEST_CASE("a feature that is off is named for its route, and blocks the action when no route is left", "[explain]") {
  Desk desk;
  const auto flags = [&](const Json& body) {
    REQUIRE(desk.world.call("PUT", "/feature-flags", desk.as("admin"), body).status == 200);
  };
  flags({{"ws_enabled", false}});
  const Json half = desk.decision({{"action", "chat_stream"}});
  CHECK(codes(half) == "feature.disabled");
  CHECK(half.at("preconditions").at(0).at("route") == "GET /ws/chat/{thread_id}");
  CHECK(half.at("result") == "PASS");
  flags({{"sse_enabled", false}});
  CHECK(desk.decision({{"action", "chat_stream"}}).at("result") == "BLOCK");
}

TEST_CASE("explain knows every action of the route table, each under the surface of its route", "[explain]") {
  Desk desk;
  for (const ApiRoute& route : all_routes(desk.world)) {
    if (route.line.action.empty()) continue;
    INFO(route.name());
    const Answer answer = desk.explain({{"action", route.line.action}}, "owner");
    if (outcome(answer) == "200") {
      CHECK(answer.json.at("known") == true);
      CHECK(answer.json.at("decision").at("surface") == route.operation.value("x-nexus-surface", ""));
    } else {
      CHECK(fault(answer) == "422 validation.failed /surface");
    }
  }
}

TEST_CASE("the document says of every route which gates judge it: those that explain asks", "[explain]") {
  Desk desk;
  for (const ApiRoute& route : all_routes(desk.world)) {
    INFO(route.name());
    const Json& said = route.operation.at("x-nexus-gates");
    if (route.line.policy == "none" || route.line.policy == "audited") {
      CHECK(said == Json::array());
      continue;
    }
    Json question = {{"action", route.line.action}};
    if (outcome(desk.explain(question, "owner")) != "200") question["surface"] = "cards";
    Json asked = Json::array();
    const Json decision = desk.decision(question, "owner");
    for (const Json& gate : decision.at("gates"))
      if (gate.at("verdict") != "skipped") asked.push_back(gate.at("gate"));
    CHECK(said == asked);
  }
}

TEST_CASE("the document says of every route who may ask, and within which limits", "[explain]") {
  Desk desk;
  for (const ApiRoute& route : all_routes(desk.world)) {
    INFO(route.name());
    const Json& operation = route.operation;
    const Json& limits = operation.at("x-nexus-limits");
    const std::string access = operation.at("x-nexus-access");
    CHECK((access == "open" || access == "presigned") == operation.at("security").empty());
    if (operation.contains("x-nexus-role")) CHECK(access == operation.at("x-nexus-role"));
    CHECK(limits.contains("body_bytes") == operation.contains("requestBody"));
    CHECK(limits.contains("requests") == !operation.at("security").empty());
  }
}

TEST_CASE("tightening waits for no lock, whatever it configures", "[tightens]") {
  Desk desk;
  World& world = desk.world;
  const auto put = [&](const std::string& env, const std::string& target, const Json& body) {
    return outcome(world.call("PUT", target, desk.as("admin", env), body));
  };
  // A strict env without any lock: what loosens is refused.
  CHECK(outcome(world.call("POST", "/firearms/licences", desk.as("admin", "prod"),
                           Json{{"subject_type", "tool"}, {"subject_id", "x"}, {"level", "low"}})) ==
        "409 strategy_lock_required");
  CHECK(put("prod", "/firearms/dangerous-actions", {{"send_letter", "low"}}) == "200");
  CHECK(put("prod", "/firearms/dangerous-actions", {{"send_letter", "high"}}) == "200");
  CHECK(put("prod", "/kill-switches", {{"disabled_actions", {"send_letter"}}}) == "200");
  CHECK(put("prod", "/limits", {{"raw_presign", {{"requests", 5}, {"window_seconds", 60}}}}) == "200");
  CHECK(put("prod", "/feature-flags", {{"ws_enabled", false}}) == "200");
  CHECK(put("prod", "/privacy/training", {{"opt_out", true}}) == "200");
  CHECK(put("prod", "/temperature/config", {{"surface", "cards"}, {"ceilings", {{"errors", 5}}}}) == "200");

  // In dev, once a lock in force asks for one: what was never configured lets pass there, so a first bound tightens.
  const Answer lock = world.call("POST", "/strategy-locks", desk.as("admin"),
                                 Json{{"scope", "other"}, {"title", "All"}, {"allowed_actions", {"card_create"}}});
  REQUIRE(
      world.call("POST", "/strategy-locks/" + lock.json.at("lock_id").get<std::string>() + "/approve", desk.as("admin"))
          .status == 200);
  const auto policy = [](int micros) {
    return Json{
        {"surface", "cards"}, {"threshold", {{"amount_micros", micros}, {"currency", "USD"}}}, {"window_days", 7}};
  };
  CHECK(put("dev", "/budget/policies", policy(5)) == "200");
  CHECK(put("dev", "/budget/policies", policy(6)) == "409 strategy_lock_required");
  const Json definition = {{"name", "errors"}, {"aggregate", "sum"}};
  REQUIRE(world.call("POST", "/kpi/definitions", World::in(world.root(), desk.tenant.id), definition).status == 201);
  CHECK(outcome(world.call("POST", "/kpi/definitions", desk.as("admin"),
                           Json{{"name", "errors"}, {"aggregate", "sum"}, {"unit", "errors"}})) == "200");
  CHECK(put("dev", "/kpi/corridors", {{"kpi_name", "errors"}, {"surface", "cards"}, {"ceiling", 5}}) == "200");
  CHECK(put("dev", "/kpi/corridors", {{"kpi_name", "errors"}, {"surface", "cards"}, {"ceiling", 6}}) ==
        "409 strategy_lock_required");
  CHECK(put("dev", "/kpi/corridors", {{"kpi_name", "nothing"}, {"surface", "cards"}, {"ceiling", 6}}) ==
        "422 validation.failed");
}

}  // namespace nexus::test
