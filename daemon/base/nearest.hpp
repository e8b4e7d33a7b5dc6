// "Did you mean": the known name nearest to a misspelt one.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

/// Returns the known name nearest to `word` by edit distance, or nothing when all are far: 1 edit is near for words of
/// 3 to 5 bytes, 2 for those of 6 to 8, then a third of the length. A prefix that both share up to a separator does not
/// count. A name that contains `word` (of at least 4 bytes), or that `word` begins with (at least 3 bytes), counts as
/// one edit away.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

/// All of the known names that are as near as the nearest, in their order: `rotate` is half of `rotate-root` and of
/// `rotate-signing`.
std::vector<std::string> all_nearest(std::string_view word, const std::vector<std::string>& known);

/// `a`, `a or b`, `a, b or c`.
std::string either_of(const std::vector<std::string>& names);

}  // namespace nexus
