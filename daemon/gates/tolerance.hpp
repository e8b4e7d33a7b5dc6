// How a measured sum is compared with a bound. Decimals such as 0.1 have no exact double, so ten of them add up to a
// little less than 1: a difference of one part in 10^9 is none.
#pragma once
#include <algorithm>
#include <cmath>

namespace nexus::gates {

constexpr double kRelativeTolerance = 1e-9;

inline bool nearly_equal(double value, double bound) {
  return std::fabs(value - bound) <= kRelativeTolerance * std::max(std::fabs(value), std::fabs(bound));
}
/// Whether the value keeps the bound. NaN keeps none.
inline bool reaches(double value, double floor) { return value >= floor || nearly_equal(value, floor); }
inline bool stays_under(double value, double ceiling) { return value <= ceiling || nearly_equal(value, ceiling); }

}  // namespace nexus::gates
