// Levenshtein distance over a few dozen names.
#include "daemon/config/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace nexus {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
}

// A table forgotten before its key (`upload_bytes`), or half a name, is near too.
std::size_t nearness(std::string_view name, std::string_view known) {
  if (name.size() >= 4 && known.find(name) != std::string_view::npos) return 1;
  return distance(name, known);
}

}  // namespace

std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known) {
  const auto found = std::min_element(
      known.begin(), known.end(), [&](const auto& a, const auto& b) { return nearness(name, a) < nearness(name, b); });
  const bool near = found != known.end() && nearness(name, *found) <= 3 + found->size() / 5;
  return near ? std::optional(*found) : std::nullopt;
}

std::string advice(std::string_view name, const std::vector<std::string>& known) {
  const auto near = nearest(name, known);
  return near ? "did you mean " + *near + "?" : "nexusd.conf(5) lists all names";
}

}  // namespace nexus
