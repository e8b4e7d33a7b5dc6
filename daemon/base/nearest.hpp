// "Did you mean": the known name nearest to a misspelt one.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

/// The known name nearest to `word` by edit distance; nothing when all are far (over 2 edits, or over a third of the
/// word's length). A name that holds all of `word` (4 bytes at least), or with which `word` begins (3 at least), counts
/// as one edit away: half a name is near, and so is a name with something behind it.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace nexus
