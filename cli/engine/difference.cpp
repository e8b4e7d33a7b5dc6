#include "cli/engine/difference.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kPairsMax = 16'000'000;  // lines compared pairwise: 4 000 changed ones on either side

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines = split(text, '\n');
  if (lines.back().empty()) lines.pop_back();  // what follows the last line end
  return lines;
}

/// One line of the script that leads from the old text to the new one.
struct Edit {
  char kind;  // ' ' kept, '-' removed, '+' added
  std::string_view line;
};

/// The longest common subsequence of the changed part, by the table of the textbooks.
void compare(const Lines& before, const Lines& after, std::vector<Edit>& steps) {
  const std::size_t n = before.size(), m = after.size();
  if (n != 0 && m > kPairsMax / n) {
    for (const auto line : before) steps.push_back({'-', line});
    for (const auto line : after) steps.push_back({'+', line});
    return;
  }
  std::vector<std::uint32_t> common((n + 1) * (m + 1), 0);  // of before[i…] and after[j…]
  const auto at = [&](std::size_t i, std::size_t j) -> std::uint32_t& { return common[i * (m + 1) + j]; };
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t j = m; j-- > 0;)
      at(i, j) = before[i] == after[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && before[i] == after[j]) {
      steps.push_back({' ', before[i]});
      ++i, ++j;
    } else if (j == m || (i < n && at(i + 1, j) >= at(i, j + 1))) {
      steps.push_back({'-', before[i++]});
    } else {
      steps.push_back({'+', after[j++]});
    }
  }
}

std::vector<Edit> steps_between(const Lines& before, const Lines& after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t head = 0, tail = 0;
  while (head < shorter && before[head] == after[head]) ++head;
  while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  std::vector<Edit> steps;
  for (std::size_t i = 0; i < head; ++i) steps.push_back({' ', before[i]});
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(head), lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  compare(middle(before), middle(after), steps);
  for (std::size_t i = before.size() - tail; i < before.size(); ++i) steps.push_back({' ', before[i]});
  return steps;
}

/// Where in the steps each hunk begins and ends.
std::vector<std::pair<std::size_t, std::size_t>> hunks_of(const std::vector<Edit>& steps) {
  std::vector<std::pair<std::size_t, std::size_t>> hunks;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind == ' ') continue;
    const std::size_t begin = i < kContext ? 0 : i - kContext, end = std::min(steps.size(), i + kContext + 1);
    if (!hunks.empty() && begin <= hunks.back().second)
      hunks.back().second = end;
    else
      hunks.emplace_back(begin, end);
  }
  return hunks;
}

/// `12,5` as a hunk's heading writes it: first line and count. The count is left out when it is 1.
std::string range(std::size_t first, std::size_t count) {
  const std::size_t shown = count == 0 ? first : first + 1;
  return std::to_string(shown) + (count == 1 ? "" : "," + std::to_string(count));
}

std::string line_of(const Edit& step, bool colour) {
  const std::string line = step.kind + std::string(step.line);
  if (!colour || step.kind == ' ') return line + "\n";
  return (step.kind == '-' ? "\x1b[31m" : "\x1b[32m") + line + "\x1b[0m\n";
}

}  // namespace

std::string unified_difference(std::string_view old_text, std::string_view new_text, const std::string& old_name,
                               const std::string& new_name, bool colour) {
  if (old_text == new_text) return {};
  const auto steps = steps_between(lines_of(old_text), lines_of(new_text));
  std::string out = "--- " + old_name + "\n+++ " + new_name + "\n";
  std::size_t old_line = 0, new_line = 0, at = 0;
  for (const auto& [begin, end] : hunks_of(steps)) {
    for (; at < begin; ++at) ++old_line, ++new_line;
    std::string body;
    std::size_t old_count = 0, new_count = 0;
    for (; at < end; ++at) {
      body += line_of(steps[at], colour);
      old_count += steps[at].kind != '+';
      new_count += steps[at].kind != '-';
    }
    out += "@@ -" + range(old_line, old_count) + " +" + range(new_line, new_count) + " @@\n" + body;
    old_line += old_count;
    new_line += new_count;
  }
  return out;
}

}  // namespace nexus::cli
