// The budget gate as a decision table: policies and what was spent, verdict.
#include "daemon/gates/budget.hpp"

#include "daemon/gates/problems.hpp"
#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

struct Fact {
  std::string surface;
  std::int64_t threshold = 0, cost = 0;
};

struct Row {
  std::string name;
  std::vector<Fact> facts = {};
  bool strict = false;
  Verdict verdict = Verdict::pass;
  std::optional<Code> code = {};
};

const std::vector<Row> kTable = {
    {.name = "nothing configured in a lenient env", .verdict = Verdict::not_configured},
    {.name = "nothing configured in a strict env",
     .strict = true,
     .verdict = Verdict::block,
     .code = problems::budget_threshold_missing},
    {.name = "below", .facts = {{"cards", 100, 99}}},
    {.name = "at the threshold", .facts = {{"cards", 100, 100}}, .strict = true},
    {.name = "above",
     .facts = {{"cards", 100, 101}},
     .verdict = Verdict::block,
     .code = problems::budget_threshold_exceeded},
    {.name = "above, in a strict env",
     .facts = {{"cards", 100, 101}},
     .strict = true,
     .verdict = Verdict::block,
     .code = problems::budget_threshold_exceeded},
    {.name = "nothing was spent of nothing", .facts = {{"cards", 0, 0}}},
    {.name = "all of them below", .facts = {{"cards", 100, 1}, {"*", 10, 10}}},
    {.name = "the surface below, all above",
     .facts = {{"cards", 100, 1}, {"*", 10, 11}},
     .verdict = Verdict::block,
     .code = problems::budget_threshold_exceeded},
    {.name = "the surface above, all below",
     .facts = {{"cards", 1, 2}, {"*", 10, 2}},
     .verdict = Verdict::block,
     .code = problems::budget_threshold_exceeded},
    {.name = "all alone configure it", .facts = {{"*", 10, 2}}, .strict = true},
};

GateAnswer judge(const Row& row) {
  std::vector<BudgetFact> facts;
  for (const Fact& fact : row.facts) {
    store::BudgetPolicy policy;
    policy.surface = fact.surface;
    policy.threshold_micros = fact.threshold;
    policy.currency = "USD";
    facts.push_back({policy, fact.cost});
  }
  const Caller caller;
  return judge_budget(
      facts,
      {.caller = caller, .action = "card_create", .surface = "cards", .policy = Policy::full, .strict = row.strict});
}

TEST_CASE("the budget gate decides as its table says") {
  for (const Row& row : kTable) {
    INFO(row.name);
    const GateAnswer answer = judge(row);
    CHECK(answer.gate == "budget");
    CHECK(to_string(answer.verdict) == to_string(row.verdict));
    CHECK(answer.code == row.code);
    CHECK(answer.remedy.starts_with("nexusctl budget ") == (row.verdict == Verdict::block));
    CHECK_NOTHROW(canonical(answer.input));
    CHECK(answer.input.is_null() == row.facts.empty());
  }
}

TEST_CASE("a refusal says cost, threshold, currency and window, and the command that raises the threshold") {
  const GateAnswer own = judge({.name = "", .facts = {{"cards", 500'000, 500'001}, {"*", 1, 2}}});
  CHECK(own.detail ==
        "the cost of the surface cards in the last 7 days is 0.500001 USD, above its threshold of 0.5 USD");
  CHECK(own.remedy == "nexusctl budget policy cards --threshold AMOUNT --currency USD --window-days 7");
  const GateAnswer all = judge({.name = "", .facts = {{"*", 2'000'000, 3'000'000}}});
  CHECK(all.detail == "the cost of all surfaces in the last 7 days is 3 USD, above its threshold of 2 USD");
  CHECK(all.remedy == "nexusctl budget policy '*' --threshold AMOUNT --currency USD --window-days 7");
}

TEST_CASE("the facts of a budget are whole micro-units, and what is too large for canonical JSON is cut") {
  const GateAnswer answer = judge({.name = "", .facts = {{"cards", 100, INT64_MAX}}});
  CHECK(answer.input == parse_own_json(R"({"policies":[{"surface":"cards","cost_micros":9007199254740991,
        "threshold_micros":100,"currency":"USD","window_days":7}]})"));
}

}  // namespace
}  // namespace nexus::gates
