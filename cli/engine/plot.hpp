// A series of numbers as lines of text for a terminal. A pure function.
#pragma once
#include <string>
#include <vector>

namespace nexus::cli {

struct PlotPoint {
  std::string label;  // when
  double value = 0;
  bool marked = false;  // out of bounds
};

/// One line per point, in the order given: label, value, a bar between the least and the greatest value (0 is always
/// included), and `!` where marked. `width` is the bar's columns.
std::string plot(const std::vector<PlotPoint>& points, std::size_t width);

}  // namespace nexus::cli
