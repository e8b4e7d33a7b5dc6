// Rows of cells as lines of text, for people.
#pragma once
#include <string>
#include <vector>

namespace nexus {

/// Columns as wide as their widest cell; the last one ends its line.
std::string in_columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace nexus
