// Every problem code there is, for the pages at /problems/ and for codes that are made of a name. The build gathers
// them from the problems.hpp that stand beside their slices (cmake/gathered.cmake).
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "daemon/base/problem.hpp"

namespace nexus {

std::span<const CodeInfo* const> all_codes();
/// The code with this wire name, if there is one.
std::optional<Code> find_code(std::string_view wire);

}  // namespace nexus
