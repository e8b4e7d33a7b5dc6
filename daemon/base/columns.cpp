#include "daemon/base/columns.hpp"

#include <algorithm>

namespace nexus {

std::string in_columns(const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t widest_column = 40;  // a longer cell moves its own line alone
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row[i].size() <= widest_column) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] > row[i].size() ? widths[i] - row[i].size() : 0, ' ').append(2, ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace nexus
