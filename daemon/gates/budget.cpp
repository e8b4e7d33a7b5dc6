#include "daemon/gates/budget.hpp"

#include <algorithm>

#include "daemon/base/counted.hpp"
#include "daemon/base/money.hpp"
#include "daemon/base/shell.hpp"
#include "daemon/gates/problems.hpp"

namespace nexus::gates {
namespace {

/// The largest integer that canonical JSON takes; nobody's budget comes near it.
constexpr std::int64_t kShownMax = (std::int64_t{1} << 53) - 1;

Json input_of(const std::vector<BudgetFact>& facts) {
  Json list = Json::array();
  for (const BudgetFact& fact : facts)
    list.push_back({{"surface", fact.policy.surface},
                    {"cost_micros", std::min(fact.cost_micros, kShownMax)},
                    {"threshold_micros", std::min(fact.policy.threshold_micros, kShownMax)},
                    {"currency", fact.policy.currency},
                    {"window_days", fact.policy.window_days}});
  return {{"policies", std::move(list)}};
}

GateAnswer no_budget(const Question& question) {
  if (!question.strict) return {.gate = "budget", .verdict = Verdict::not_configured};
  const std::string surface(question.surface);
  return block(
      "budget", problems::budget_threshold_missing,
      "neither the surface " + surface + " nor all surfaces together have a budget here",
      "nexusctl budget policy " + word_or(surface, "SURFACE") + " --threshold AMOUNT --currency CODE --window-days N");
}

/// Says all figures, and the command that raises the threshold.
GateAnswer spent(const BudgetFact& fact) {
  const store::BudgetPolicy& policy = fact.policy;
  const bool of_all = policy.surface == "*";
  const std::string surface = of_all ? "'*'" : word_or(policy.surface, "SURFACE");
  return block("budget", problems::budget_threshold_exceeded,
               "the cost of " + (of_all ? std::string("all surfaces") : "the surface " + policy.surface) +
                   " in the last " + counted(policy.window_days, "day") + " is " + amount_text(fact.cost_micros) + " " +
                   policy.currency + ", above its threshold of " + amount_text(policy.threshold_micros) + " " +
                   policy.currency,
               "nexusctl budget policy " + surface + " --threshold AMOUNT --currency " +
                   word_or(policy.currency, "CODE") + " --window-days " + std::to_string(policy.window_days));
}

}  // namespace

GateAnswer judge_budget(const std::vector<BudgetFact>& facts, const Question& question) {
  if (facts.empty()) return no_budget(question);
  GateAnswer answer = {.gate = "budget", .verdict = Verdict::pass};
  for (const BudgetFact& fact : facts) {
    if (fact.cost_micros <= fact.policy.threshold_micros) continue;
    answer = spent(fact);
    break;
  }
  answer.input = input_of(facts);
  return answer;
}

GateAnswer ask_budget(const Known& known, const Question& question) {
  std::vector<BudgetFact> facts;
  for (const auto& policy : known.budget_policies()) {
    const auto hours = store::window_hours(question.now, policy.window_days);
    facts.push_back({policy, known.cost_micros(policy.surface, hours)});
  }
  return judge_budget(facts, question);
}

}  // namespace nexus::gates
