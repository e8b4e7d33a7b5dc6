#include "daemon/problems.hpp"

namespace nexus {

std::optional<Code> find_code(std::string_view code) {
  for (const CodeInfo* row : all_codes())
    if (row->code == code) return *row;
  return std::nullopt;
}

}  // namespace nexus
