#include "daemon/base/nearest.hpp"

#include <algorithm>

namespace nexus {
namespace {

/// Edits are insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> table((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return table[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        at(i, j) = i + j;
        continue;
      }
      const std::size_t changed = at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, changed});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  return table.back();
}

/// What two names share up to the last separator says nothing of how near they are: NEXUSD_, limits., --no-.
std::size_t shared_prefix(std::string_view a, std::string_view b) {
  const auto differs = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  const auto separator = a.substr(0, differs).find_last_of("_.-");
  return separator == std::string_view::npos ? 0 : separator + 1;
}

/// How many edits are near: a short word has many neighbours.
std::size_t edits_max(std::size_t length) { return length < 3 ? 0 : length < 6 ? 1 : length < 9 ? 2 : length / 3; }

/// Nothing when they are far.
std::optional<std::size_t> nearness(std::string_view word, std::string_view known) {
  if (word == known) return 0;
  const bool half = word.size() >= 4 && known.find(word) != std::string_view::npos;
  const bool longer = known.size() >= 3 && word.starts_with(known);
  if (half || longer) return 1;
  const std::size_t shared = shared_prefix(word, known);
  const std::size_t edits = distance(word.substr(shared), known.substr(shared));
  return edits <= edits_max(word.size() - shared) ? std::optional(edits) : std::nullopt;
}

}  // namespace

std::vector<std::string> all_nearest(std::string_view word, const std::vector<std::string>& known) {
  std::vector<std::string> found;
  std::size_t least = 0;
  for (const std::string& name : known) {
    const auto edits = nearness(word, name);
    if (!edits || (!found.empty() && *edits > least)) continue;
    if (!found.empty() && *edits < least) found.clear();
    found.push_back(name);
    least = *edits;
  }
  return found;
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  const auto found = all_nearest(word, known);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::string either_of(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return out;
}

}  // namespace nexus
