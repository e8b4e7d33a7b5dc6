// The KPI gate as a decision table: corridors and what was observed, verdict.
#include "daemon/gates/kpi.hpp"

#include <limits>

#include "daemon/gates/figure.hpp"
#include "daemon/gates/problems.hpp"
#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

struct KpiCase {
  std::optional<double> floor = {}, ceiling = {};
  double value = 0;
  std::int64_t count = 1;
  bool require_data = false;
};

struct KpiRow {
  std::string name;
  std::vector<KpiCase> facts = {};
  bool strict = false;
  Verdict verdict = Verdict::pass;
  std::optional<Code> code = {};
};

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

const std::vector<KpiRow> kKpiTable = {
    {.name = "nothing configured in a lenient env", .verdict = Verdict::not_configured},
    {.name = "nothing configured in a strict env",
     .strict = true,
     .verdict = Verdict::block,
     .code = problems::kpi_threshold_missing},
    {.name = "inside", .facts = {{.floor = 1, .ceiling = 3, .value = 2}}, .strict = true},
    {.name = "on the floor", .facts = {{.floor = 1, .ceiling = 3, .value = 1}}},
    {.name = "on the ceiling", .facts = {{.floor = 1, .ceiling = 3, .value = 3}}},
    {.name = "ten times 0.1 reach 1",
     .facts = {{.floor = 1, .ceiling = 1, .value = 0.9999999999999999}},
     .strict = true},
    {.name = "ten times 0.1 above 1", .facts = {{.ceiling = 1, .value = 1.0000000000000002}}},
    {.name = "a millionth below the floor",
     .facts = {{.floor = 1, .value = 0.999999}},
     .verdict = Verdict::block,
     .code = problems::kpi_corridor_breached},
    {.name = "below the floor",
     .facts = {{.floor = 1, .value = 0.99}},
     .verdict = Verdict::block,
     .code = problems::kpi_corridor_breached},
    {.name = "above the ceiling",
     .facts = {{.ceiling = 3, .value = 3.01}},
     .verdict = Verdict::block,
     .code = problems::kpi_corridor_breached},
    {.name = "no number at all",
     .facts = {{.floor = 1, .value = kNan}},
     .verdict = Verdict::block,
     .code = problems::kpi_corridor_breached},
    {.name = "no bounds", .facts = {{.value = -1e300}}, .strict = true},
    {.name = "no data where none is required", .facts = {{.floor = 1, .count = 0}}, .strict = true},
    {.name = "no data where it is required",
     .facts = {{.floor = 1, .count = 0, .require_data = true}},
     .verdict = Verdict::block,
     .code = problems::kpi_threshold_missing},
    {.name = "required data is there", .facts = {{.floor = 1, .value = 1, .require_data = true}}},
    {.name = "the second of two is breached",
     .facts = {{.floor = 1, .value = 1}, {.floor = 5, .value = 1}},
     .verdict = Verdict::block,
     .code = problems::kpi_corridor_breached},
};

GateAnswer judge(const KpiRow& row) {
  std::vector<KpiFact> facts;
  for (const KpiCase& fact : row.facts) {
    store::KpiCorridor corridor;
    corridor.surface = "cards";
    corridor.kpi_name = "conversion";
    corridor.aggregate = "mean";
    corridor.floor = fact.floor;
    corridor.ceiling = fact.ceiling;
    corridor.require_data = fact.require_data;
    facts.push_back({corridor, fact.value, fact.count});
  }
  const Caller caller;
  return judge_kpi(
      facts,
      {.caller = caller, .action = "card_create", .surface = "cards", .policy = Policy::full, .strict = row.strict});
}

TEST_CASE("the KPI gate decides as its table says") {
  for (const KpiRow& row : kKpiTable) {
    INFO(row.name);
    const GateAnswer answer = judge(row);
    CHECK(answer.gate == "kpi");
    CHECK(to_string(answer.verdict) == to_string(row.verdict));
    CHECK(answer.code == row.code);
    CHECK(answer.remedy.starts_with("nexusctl kpi ") == (row.verdict == Verdict::block));
    CHECK_NOTHROW(canonical(answer.input));
  }
}

TEST_CASE("a breached corridor tells its facts, decimals as texts") {
  const GateAnswer answer = judge({.name = "", .facts = {{.floor = 1.5, .value = 0.25, .count = 3}}});
  CHECK(answer.input == parse_own_json(R"({"kpi_name":"conversion","surface":"cards","window_days":7,"aggregate":"mean",
        "observations":3,"value":"0.25","floor":"1.5"})"));
}

TEST_CASE("a refusal says what was observed, the bound, and the command that moves it and keeps the rest") {
  const GateAnswer low = judge({.name = "", .facts = {{.floor = 1.5, .ceiling = 3, .value = 0.25, .count = 3}}});
  CHECK(
      low.detail ==
      "the KPI conversion of the surface cards is 0.25 (mean of 3 observations in the last 7 days), below its floor of "
      "1.5");
  CHECK(low.remedy == "nexusctl kpi corridor conversion --surface cards --floor NUMBER --ceiling 3 --window-days 7");
  const GateAnswer high =
      judge({.name = "", .facts = {{.floor = 1.5, .ceiling = 3, .value = 3.5, .require_data = true}}});
  CHECK(high.detail.ends_with(" is 3.5 (mean of 1 observation in the last 7 days), above its ceiling of 3"));
  CHECK(high.remedy ==
        "nexusctl kpi corridor conversion --surface cards --floor 1.5 --ceiling NUMBER --window-days 7 --require-data");
}

TEST_CASE("a figure is rounded, and still stands on its side of the bound") {
  CHECK(figure(0.1 + 0.2, 1) == "0.3");
  CHECK(figure(10.0 / 3, 5) == "3.33333");
  CHECK(figure(1234567.25, 2e6) == "1234567");
  CHECK(figure(0.9999996, 1) == "0.9999996");
  CHECK(figure(-0.1 - 0.2, -0.1) == "-0.3");
  CHECK(figure(1e300, 1) == "1e+300");
  CHECK(figure(0, 1) == "0");
}

}  // namespace
}  // namespace nexus::gates
