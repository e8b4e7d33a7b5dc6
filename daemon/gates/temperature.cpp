#include "daemon/gates/temperature.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "daemon/base/counted.hpp"
#include "daemon/base/shell.hpp"
#include "daemon/gates/figure.hpp"
#include "daemon/gates/problems.hpp"
#include "daemon/gates/tolerance.hpp"
#include "store/metrics.hpp"

namespace nexus::gates {
namespace {

double metric_of(const Numbers& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return found == metrics.end() ? 0 : found->second;
}

double weighted(const Numbers& weights, const Numbers& metrics) {
  long double sum = 0, total = 0;  // wide enough for any product of two doubles
  for (const auto& [name, weight] : weights) {
    sum += static_cast<long double>(weight) * metric_of(metrics, name);
    total += std::fabs(static_cast<long double>(weight));
  }
  if (total == 0) return 0;
  constexpr long double most = std::numeric_limits<double>::max();
  return static_cast<double>(std::clamp(sum / total, -most, most));
}

/// `views is 2.5, below its floor of 10; errors is 3, above its ceiling of 1`. Of two floors, the higher one.
std::string figures_of(const Temperature& now, const Bounds& bounds, const Numbers& metrics) {
  std::string out;
  const auto add = [&](const std::string& name, const char* bound, double value) {
    out += (out.empty() ? "" : "; ") + name + " is " + figure(metric_of(metrics, name), value) + ", " + bound +
           decimal(value);
  };
  for (const auto& name : now.floors_breached) {
    double floor = std::numeric_limits<double>::lowest();
    for (const Numbers* map : {&bounds.performance_floors, &bounds.cadence_floors})
      if (const auto found = map->find(name); found != map->end()) floor = std::max(floor, found->second);
    add(name, "below its floor of ", floor);
  }
  for (const auto& name : now.ceilings_breached) add(name, "above its ceiling of ", bounds.ceilings.at(name));
  return out;
}

Json breach_json(const std::vector<std::string>& names, const Numbers& metrics) {
  Json out = Json::object();
  for (const auto& name : names) out[name] = decimal(metric_of(metrics, name));
  return out;
}

}  // namespace

Temperature measure(const Bounds& bounds, const Numbers& metrics) {
  std::set<std::string> floors, ceilings;
  for (const Numbers* map : {&bounds.performance_floors, &bounds.cadence_floors})
    for (const auto& [name, floor] : *map)
      if (!reaches(metric_of(metrics, name), floor)) floors.insert(name);
  for (const auto& [name, ceiling] : bounds.ceilings)
    if (!stays_under(metric_of(metrics, name), ceiling)) ceilings.insert(name);
  return {weighted(bounds.weights, metrics), {floors.begin(), floors.end()}, {ceilings.begin(), ceilings.end()}};
}

Bounds bounds_of(const std::vector<store::TemperatureBound>& rows) {
  Bounds bounds;
  for (const auto& row : rows) {
    Numbers& map = row.kind == "performance_floor" ? bounds.performance_floors
                   : row.kind == "cadence_floor"   ? bounds.cadence_floors
                   : row.kind == "ceiling"         ? bounds.ceilings
                                                   : bounds.weights;
    map.emplace(row.metric, row.value);
  }
  return bounds;
}

Numbers read_metrics(const Known& known, std::string_view surface, const std::vector<store::TemperatureBound>& rows,
                     store::Span hours) {
  Numbers metrics;
  for (const auto& row : rows) {
    if (metrics.contains(row.metric)) continue;
    store::MetricTotals totals;
    if (row.aggregate) totals = known.metric(surface, "kpi", row.metric, hours);
    double value = store::aggregated(totals, row.aggregate.value_or("sum"));
    if (totals.count == 0) value = store::sum_of(known.metric(surface, "usage", row.metric, hours));
    metrics.emplace(row.metric, value);
  }
  return metrics;
}

GateAnswer judge_temperature(const Bounds& bounds, const Numbers& metrics, const Question& question) {
  if (bounds.judge_nothing()) return {.gate = "temperature", .verdict = Verdict::not_configured};
  const Temperature now = measure(bounds, metrics);
  if (now.floors_breached.empty() && now.ceilings_breached.empty())
    return {.gate = "temperature", .verdict = Verdict::pass};
  return block("temperature", problems::temperature_breach,
               "the surface " + std::string(question.surface) + " is out of bounds in the last " +
                   counted(kTemperatureWindowDays, "day") + ": " + figures_of(now, bounds, metrics),
               "nexusctl temperature current " + word_or(question.surface, "SURFACE"),
               {{"window_days", kTemperatureWindowDays},
                {"floors_breached", breach_json(now.floors_breached, metrics)},
                {"ceilings_breached", breach_json(now.ceilings_breached, metrics)}});
}

GateAnswer ask_temperature(const Known& known, const Question& question) {
  auto rows = known.temperature_bounds();
  std::erase_if(rows, [](const auto& row) { return row.kind == "weight"; });  // the gate needs only breaches
  const auto hours = store::window_hours(question.now, kTemperatureWindowDays);
  return judge_temperature(bounds_of(rows), read_metrics(known, question.surface, rows, hours), question);
}

}  // namespace nexus::gates
