#include "daemon/base/nearest.hpp"

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

std::size_t nearness(std::string_view word, std::string_view known) {
  const bool half = word.size() >= 4 && known.find(word) != std::string_view::npos;
  const bool longer = known.size() >= 3 && word.starts_with(known);
  const std::size_t edits = distance(word, known);
  return half || longer ? std::min<std::size_t>(edits, 1) : edits;
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  const std::string* found = nullptr;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& name : known) {
    const std::size_t edits = nearness(word, name);
    if (edits < least) found = &name;
    least = std::min(least, edits);
  }
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

}  // namespace nexus
