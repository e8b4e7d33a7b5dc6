#include "daemon/gates/figure.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "daemon/gates/decision.hpp"

namespace nexus::gates {

std::string figure(double value, double bound) {
  if (!std::isfinite(value)) return decimal(value);
  constexpr int digits_least = 6, digits_most = 17;
  const int whole = std::fabs(value) < 1 ? 0 : static_cast<int>(std::floor(std::log10(std::fabs(value)))) + 1;
  for (int digits = std::clamp(whole, digits_least, digits_most); digits < digits_most; ++digits) {
    char text[32];
    const auto written = std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits);
    double rounded = 0;
    std::from_chars(text, written.ptr, rounded);
    if ((rounded < bound) == (value < bound) && (rounded > bound) == (value > bound)) return decimal(rounded);
  }
  return decimal(value);
}

}  // namespace nexus::gates
