#include "cli/engine/plot.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace nexus::cli {
namespace {

std::string number_text(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6);
  return error == std::errc() ? std::string(text, end) : "?";
}

}  // namespace

std::string plot(const std::vector<PlotPoint>& points, std::size_t width) {
  double least = 0, most = 0;
  std::size_t label_width = 0, number_width = 0;
  for (const auto& point : points) {
    least = std::min(least, point.value);
    most = std::max(most, point.value);
    label_width = std::max(label_width, point.label.size());
    number_width = std::max(number_width, number_text(point.value).size());
  }
  // Halved, so that the distance of the two largest doubles is finite too.
  const double range = most / 2 - least / 2;
  const auto column = [&](double value) {
    const double share = range > 0 ? (value / 2 - least / 2) / range : 0;
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(width - 1)));
  };
  const std::size_t zero = column(0);
  std::string out;
  for (const auto& point : points) {
    const std::string number = number_text(point.value);
    const std::size_t at = column(point.value);
    const std::size_t from = std::min(zero, at);
    std::string bar(width, ' ');
    bar.replace(from, std::max(zero, at) - from + 1, std::max(zero, at) - from + 1, '#');
    bar[zero] = '|';
    bar.erase(bar.find_last_not_of(' ') + 1);
    out += point.label + std::string(label_width - point.label.size() + 2, ' ') +
           std::string(number_width - number.size(), ' ') + number + (point.marked ? " ! " : "   ") + bar + "\n";
  }
  return out;
}

}  // namespace nexus::cli
