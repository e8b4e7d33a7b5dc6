// Temperature: the value, the breaches, and the gate's decisions over them.
#include "daemon/gates/problems.hpp"
#include "daemon/gates/temperature.hpp"

#include <limits>

#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

struct TemperatureRow {
  std::string name;
  Bounds bounds = {};
  Numbers metrics = {};
  std::vector<std::string> floors = {}, ceilings = {};
};

const std::vector<TemperatureRow> kTemperatureTable = {
    {.name = "nothing at all"},
    {.name = "on the floor and on the ceiling",
     .bounds = {.performance_floors = {{"a", 1}}, .ceilings = {{"a", 1}}},
     .metrics = {{"a", 1}}},
    {.name = "below a floor",
     .bounds = {.performance_floors = {{"a", 1}, {"b", 1}}},
     .metrics = {{"a", 0.5}, {"b", 2}},
     .floors = {"a"}},
    {.name = "below a cadence floor",
     .bounds = {.cadence_floors = {{"a", 1}}},
     .metrics = {{"a", 0.5}},
     .floors = {"a"}},
    {.name = "below both floors, named once",
     .bounds = {.performance_floors = {{"a", 1}}, .cadence_floors = {{"a", 2}}},
     .metrics = {{"a", 0.5}},
     .floors = {"a"}},
    {.name = "above a ceiling",
     .bounds = {.ceilings = {{"b", 1}, {"a", 1}}},
     .metrics = {{"a", 2}, {"b", 2}},
     .ceilings = {"a", "b"}},
    {.name = "a missing metric counts as 0",
     .bounds = {.performance_floors = {{"a", 1}}, .ceilings = {{"b", -1}}},
     .floors = {"a"},
     .ceilings = {"b"}},
    {.name = "a missing metric above a negative floor", .bounds = {.performance_floors = {{"a", -1}}}},
};

Question question(const Caller& caller, bool strict) {
  return {.caller = caller, .action = "card_create", .surface = "cards", .policy = Policy::full, .strict = strict};
}

TEST_CASE("floors and ceilings are breached as the table says, and the gate refuses on any") {
  for (const TemperatureRow& row : kTemperatureTable) {
    INFO(row.name);
    const Temperature now = measure(row.bounds, row.metrics);
    CHECK(now.floors_breached == row.floors);
    CHECK(now.ceilings_breached == row.ceilings);
    for (const bool strict : {false, true}) {
      const Caller caller;
      const GateAnswer answer = judge_temperature(row.bounds, row.metrics, question(caller, strict));
      const bool breached = !row.floors.empty() || !row.ceilings.empty();
      CHECK(answer.gate == "temperature");
      CHECK(to_string(answer.verdict) == (breached ? "block" : row.bounds.judge_nothing() ? "not_configured" : "pass"));
      CHECK((answer.code == problems::temperature_breach) == breached);
      CHECK((answer.remedy == "nexusctl temperature current cards") == breached);
      CHECK_NOTHROW(canonical(answer.input));
    }
  }
}

TEST_CASE("the value is the weighted mean by absolute weights") {
  CHECK(measure({}, {{"a", 5}}).value == 0);
  CHECK(measure({.weights = {{"a", 1}}}, {{"a", 5}}).value == 5);
  CHECK(measure({.weights = {{"a", 1}, {"b", -3}}}, {{"a", 4}, {"b", 2}}).value == -0.5);
  CHECK(measure({.weights = {{"a", 1}, {"b", 1}}}, {{"a", 4}}).value == 2);
  CHECK(measure({.weights = {{"a", 0}}}, {{"a", 4}}).value == 0);
  constexpr double most = std::numeric_limits<double>::max();
  CHECK(measure({.weights = {{"a", most}, {"b", most}}}, {{"a", most}, {"b", most}}).value == most);
}

TEST_CASE("a breach tells what was measured, decimals as texts") {
  const Caller caller;
  const GateAnswer answer = judge_temperature({.performance_floors = {{"views", 10}}, .ceilings = {{"errors", 1}}},
                                              {{"views", 2.5}, {"errors", 3}}, question(caller, false));
  CHECK(answer.input == parse_own_json(R"({"window_days":7,"floors_breached":{"views":"2.5"},
        "ceilings_breached":{"errors":"3"}})"));
  CHECK(
      answer.detail ==
      "the surface cards is out of bounds in the last 7 days: views is 2.5, below its floor of 10; errors is 3, above "
      "its ceiling of 1");
  const GateAnswer higher = judge_temperature({.performance_floors = {{"a", 1}}, .cadence_floors = {{"a", 2}}},
                                              {{"a", 0.5}}, question(caller, false));
  CHECK(higher.detail.ends_with(": a is 0.5, below its floor of 2"));
}

}  // namespace
}  // namespace nexus::gates
