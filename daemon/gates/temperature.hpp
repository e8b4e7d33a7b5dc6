// Temperature: the state of a surface as one number and two lists of breaches, and the gate that refuses on any breach.
// A metric is the KPI of that name, aggregated as defined, or else the sum of the numbers of that name in the metadata
// of usage. A metric without data counts as 0. The gate looks back seven days and judges only the policy full.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

inline constexpr int kTemperatureWindowDays = 7;

using Numbers = std::map<std::string, double>;

struct Bounds {
  Numbers performance_floors = {};
  Numbers cadence_floors = {};
  Numbers ceilings = {};
  Numbers weights = {};
  bool judge_nothing() const { return performance_floors.empty() && cadence_floors.empty() && ceilings.empty(); }
};

struct Temperature {
  double value = 0;
  std::vector<std::string> floors_breached;  // metrics, in order of name
  std::vector<std::string> ceilings_breached;
};

/// Σ wᵢ·mᵢ / Σ|wᵢ|, or 0 without weights; a floor is breached by m < floor, a ceiling by m > ceiling.
Temperature measure(const Bounds& bounds, const Numbers& metrics);

Bounds bounds_of(const std::vector<store::TemperatureBound>& rows);
/// The value in the window of every metric that `rows` name.
Numbers read_metrics(const Known& known, std::string_view surface, const std::vector<store::TemperatureBound>& rows,
                     store::Span hours);

/// Lets pass without floors and ceilings, in strict envs too.
GateAnswer judge_temperature(const Bounds& bounds, const Numbers& metrics, const Question& question);
/// Judges by the surface's bounds and metrics.
GateAnswer ask_temperature(const Known& known, const Question& question);

}  // namespace nexus::gates
