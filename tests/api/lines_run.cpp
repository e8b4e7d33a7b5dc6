// Lines of runs.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

std::string run_id(const Stage& stage) {
  const Headers headers = World::in(stage.tenant.owner, stage.tenant.id, stage.env);
  return stage.world.call("POST", "/nexus/runs", headers, Json{{"kind", "research"}}).json.at("run_id");
}

Filled show_run(const Stage& stage) { return {"/nexus/runs/" + run_id(stage)}; }

Filled finish(const Stage& stage) {
  return json("/nexus/runs/" + run_id(stage) + "/finish", {{"status", "completed"}});
}

}  // namespace

Lines run_lines() {
  return {
      {"POST /nexus/runs", "member", "run_start", "full", 201,
       [](const Stage&) {
         return json("/nexus/runs", {{"kind", "research"}, {"metadata", {{"topic", "tea"}}}});
       }},
      {"POST /nexus/runs/{run_id}/finish", "member", "run_finish", "telemetry", 200, finish},
      {"GET /nexus/runs", "viewer", "runs_read", "read", 200, just("/nexus/runs")},
      {"GET /nexus/runs/{run_id}", "viewer", "runs_read", "read", 200, show_run},
  };
}

}  // namespace nexus::test
