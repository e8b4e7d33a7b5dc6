#include "daemon/gates/kpi.hpp"

#include "daemon/base/counted.hpp"
#include "daemon/base/shell.hpp"
#include "daemon/gates/figure.hpp"
#include "daemon/gates/problems.hpp"
#include "daemon/gates/tolerance.hpp"

namespace nexus::gates {
namespace {

enum class Standing { inside, outside, no_data };

Standing standing_of(const KpiFact& fact) {
  const auto& corridor = fact.corridor;
  if (fact.count == 0) return corridor.require_data ? Standing::no_data : Standing::inside;
  const bool above_floor = !corridor.floor || reaches(fact.value, *corridor.floor);
  const bool below_ceiling = !corridor.ceiling || stays_under(fact.value, *corridor.ceiling);
  return above_floor && below_ceiling ? Standing::inside : Standing::outside;
}

Json input_of(const KpiFact& fact) {
  const auto& corridor = fact.corridor;
  Json input = {{"kpi_name", corridor.kpi_name},
                {"surface", corridor.surface},
                {"window_days", corridor.window_days},
                {"aggregate", corridor.aggregate},
                {"observations", fact.count}};
  if (fact.count > 0) input["value"] = decimal(fact.value);
  if (corridor.floor) input["floor"] = decimal(*corridor.floor);
  if (corridor.ceiling) input["ceiling"] = decimal(*corridor.ceiling);
  return input;
}

GateAnswer no_corridor(const Question& question) {
  if (!question.strict) return {.gate = "kpi", .verdict = Verdict::not_configured};
  const std::string surface(question.surface);
  return block(
      "kpi", problems::kpi_threshold_missing,
      "neither the surface " + surface + " nor all surfaces together have a KPI corridor here",
      "nexusctl kpi corridor NAME --surface " + word_or(surface, "SURFACE") + " --floor NUMBER --require-data");
}

GateAnswer no_data(const store::KpiCorridor& corridor) {
  return block("kpi", problems::kpi_threshold_missing,
               "the KPI " + corridor.kpi_name + " has no observations in the last " +
                   counted(corridor.window_days, "day") + ", and its corridor requires some",
               "nexusctl kpi observe " + word_or(corridor.kpi_name, "NAME") + " VALUE" +
                   (corridor.surface == "*" ? "" : " --surface " + word_or(corridor.surface, "SURFACE")));
}

/// The command that moves the bound that is breached, and keeps the rest of the corridor.
std::string moved(const store::KpiCorridor& corridor, bool floor_moves) {
  const std::string surface = corridor.surface == "*" ? "'*'" : word_or(corridor.surface, "SURFACE");
  std::string line = "nexusctl kpi corridor " + word_or(corridor.kpi_name, "NAME") + " --surface " + surface;
  if (corridor.floor) line += " --floor " + (floor_moves ? "NUMBER" : decimal(*corridor.floor));
  if (corridor.ceiling) line += " --ceiling " + (floor_moves ? decimal(*corridor.ceiling) : "NUMBER");
  line += " --window-days " + std::to_string(corridor.window_days);
  return line + (corridor.require_data ? " --require-data" : "");
}

/// Says all figures, and the command that moves the bound.
GateAnswer outside(const KpiFact& fact) {
  const auto& corridor = fact.corridor;
  const bool below = corridor.floor && !reaches(fact.value, *corridor.floor);
  const std::string where = corridor.surface == "*" ? "all surfaces" : "the surface " + corridor.surface;
  const double bound = below ? *corridor.floor : corridor.ceiling.value_or(0);
  return block("kpi", problems::kpi_corridor_breached,
               "the KPI " + corridor.kpi_name + " of " + where + " is " + figure(fact.value, bound) + " (" +
                   corridor.aggregate + " of " + counted(fact.count, "observation") + " in the last " +
                   counted(corridor.window_days, "day") +
                   (below ? "), below its floor of " : "), above its ceiling of ") + decimal(bound),
               moved(corridor, below));
}

}  // namespace

GateAnswer judge_kpi(const std::vector<KpiFact>& facts, const Question& question) {
  if (facts.empty()) return no_corridor(question);
  for (const KpiFact& fact : facts) {
    const Standing standing = standing_of(fact);
    if (standing == Standing::inside) continue;
    GateAnswer answer = standing == Standing::no_data ? no_data(fact.corridor) : outside(fact);
    answer.input = input_of(fact);
    return answer;
  }
  return {.gate = "kpi", .verdict = Verdict::pass, .input = {{"corridors", facts.size()}}};
}

GateAnswer ask_kpi(const Known& known, const Question& question) {
  std::vector<KpiFact> facts;
  for (const auto& corridor : known.kpi_corridors()) {
    const auto hours = store::window_hours(question.now, corridor.window_days);
    const auto totals = known.metric(corridor.surface, "kpi", corridor.kpi_name, hours);
    facts.push_back({corridor, store::aggregated(totals, corridor.aggregate), totals.count});
  }
  return judge_kpi(facts, question);
}

}  // namespace nexus::gates
