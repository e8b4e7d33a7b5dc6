// The contract's lines of budget, KPI and temperature.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

Json usage() {
  return {{"provider", "swept"},
          {"tokens_input", 1},
          {"tokens_output", 1},
          {"cost", {{"amount_micros", 1}, {"currency", "USD"}}}};
}

/// What only tightens is never gated. So that a swept PUT loosens, whatever was before it, a tighter one goes ahead.
Filled loosened(const Stage& stage, const std::string& target, const Json& tight, const Json& loose) {
  stage.world.call("PUT", target, World::in(stage.tenant.owner, stage.tenant.id, stage.env), tight);
  return json(target, loose);
}

Filled put_budget(const Stage& stage) {
  const auto policy = [](int micros) {
    return Json{
        {"surface", "control"}, {"threshold", {{"amount_micros", micros}, {"currency", "USD"}}}, {"window_days", 7}};
  };
  return loosened(stage, "/budget/policies", policy(1), policy(2));
}

Filled post_void_usage(const Stage& stage) {
  Json event = usage();
  event["usage_id"] = stage.world.new_id("usage");
  stage.world.call("POST", "/budget/usage", World::in(stage.tenant.owner, stage.tenant.id, stage.env), event);
  return json("/budget/usage/" + event["usage_id"].get<std::string>() + "/void", {{"reason", "a sweep"}});
}

/// In a strict env a removal loosens where '*' still has a budget.
Filled delete_budget(const Stage& stage) {
  const std::string surface = stage.world.new_id("swept");
  for (const std::string& name : {std::string("*"), surface})
    stage.world.call("PUT", "/budget/policies", World::in(stage.tenant.owner, stage.tenant.id, stage.env),
                     Json{{"surface", name},
                          {"threshold", {{"amount_micros", 1'000'000'000}, {"currency", "USD"}}},
                          {"window_days", 7}});
  return {"/budget/policies/" + surface};
}

Filled post_definition(const Stage& stage) {
  return json("/kpi/definitions", {{"name", stage.world.new_id("kpi")}, {"aggregate", "sum"}});
}

/// A KPI that is there, made by one who may.
std::string defined(const Stage& stage) {
  World& world = stage.world;
  const std::string name = world.new_id("kpi");
  world.call("POST", "/kpi/definitions", World::in(stage.tenant.owner, stage.tenant.id, stage.env),
             Json{{"name", name}, {"aggregate", "sum"}});
  return name;
}

Filled put_corridor(const Stage& stage) {
  const Json loose = {{"kpi_name", defined(stage)}, {"surface", "control"}};
  Json tight = loose;
  tight["ceiling"] = 1;
  return loosened(stage, "/kpi/corridors", tight, loose);
}

/// In a strict env a removal loosens where '*' still has a corridor.
Filled delete_corridor(const Stage& stage) {
  const std::string kpi = defined(stage), surface = stage.world.new_id("swept");
  for (const std::string& name : {std::string("*"), surface})
    stage.world.call("PUT", "/kpi/corridors", World::in(stage.tenant.owner, stage.tenant.id, stage.env),
                     Json{{"kpi_name", kpi}, {"surface", name}});
  return {"/kpi/corridors/" + kpi + "/" + surface};
}

Filled post_observation(const Stage& stage) {
  return json("/kpi/observations", {{"kpi_name", defined(stage)}, {"value", 1}});
}

Filled post_void_observation(const Stage& stage) {
  const Answer made =
      stage.world.call("POST", "/kpi/observations", World::in(stage.tenant.owner, stage.tenant.id, stage.env),
                       Json{{"kpi_name", defined(stage)}, {"value", 1}});
  const std::string id = made.json.value("observation_id", "none");
  return json("/kpi/observations/" + id + "/void", {{"reason", "a sweep"}});
}

Fill put_temperature(const std::string& part, const std::string& field, int tight, int loose) {
  return [=](const Stage& stage) {
    const auto body = [&](int value) { return Json{{"surface", "control"}, {field, {{"swept", value}}}}; };
    return loosened(stage, "/temperature/" + part, body(tight), body(loose));
  };
}

}  // namespace

Lines measures_lines() {
  return {
      {"POST /budget/usage", "member", "usage_record", "telemetry", 201,
       [](const Stage&) { return json("/budget/usage", usage()); }},
      {"GET /budget/usage", "viewer", "budget_read", "read", 200, just("/budget/usage")},
      {"GET /budget/usage/summary", "viewer", "budget_read", "read", 200, just("/budget/usage/summary")},
      {"POST /budget/usage/{usage_id}/void", "admin", "usage_void", "control", 200, post_void_usage},
      {"DELETE /budget/policies/{surface}", "admin", "budget_policy_remove", "control", 204, delete_budget},
      {"GET /budget/policies", "viewer", "budget_read", "read", 200, just("/budget/policies")},
      {"PUT /budget/policies", "admin", "budget_policy_update", "control", 200, put_budget},
      {"POST /kpi/definitions", "admin", "kpi_definition_update", "control", 201, post_definition},
      {"GET /kpi/definitions", "viewer", "kpi_read", "read", 200, just("/kpi/definitions")},
      {"PUT /kpi/corridors", "admin", "kpi_corridor_update", "control", 200, put_corridor},
      {"DELETE /kpi/corridors/{kpi_name}/{surface}", "admin", "kpi_corridor_remove", "control", 204, delete_corridor},
      {"GET /kpi/corridors", "viewer", "kpi_read", "read", 200, just("/kpi/corridors")},
      {"POST /kpi/observations", "member", "kpi_observe", "telemetry", 201, post_observation},
      {"POST /kpi/observations/{observation_id}/void", "admin", "observation_void", "control", 200,
       post_void_observation},
      {"GET /kpi/observations", "viewer", "kpi_read", "read", 200, just("/kpi/observations")},
      {"GET /kpi/config", "viewer", "kpi_read", "read", 200, just("/kpi/config")},
      {"PUT /temperature/floors", "admin", "temperature_config_update", "control", 200,
       put_temperature("floors", "performance_floors", -1, -2)},
      {"PUT /temperature/ceilings", "admin", "temperature_config_update", "control", 200,
       put_temperature("ceilings", "ceilings", 1, 2)},
      {"PUT /temperature/weights", "admin", "temperature_config_update", "control", 200,
       put_temperature("weights", "weights", 1, 2)},
      {"PUT /temperature/config", "admin", "temperature_config_update", "control", 200,
       put_temperature("config", "ceilings", 1, 2)},
      {"GET /temperature/config", "viewer", "temperature_read", "read", 200,
       just("/temperature/config?surface=measured")},
      {"GET /temperature/current", "viewer", "temperature_read", "read", 200,
       just("/temperature/current?surface=measured")},
      {"GET /temperature/history", "viewer", "temperature_read", "read", 200,
       just("/temperature/history?surface=measured")},
      {"POST /temperature/snapshots", "member", "temperature_snapshot", "telemetry", 201,
       [](const Stage&) {
         return json("/temperature/snapshots", {{"surface", "measured"}});
       }},
  };
}

}  // namespace nexus::test
