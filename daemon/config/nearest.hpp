// "Did you mean": the known name nearest to a misspelt one.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

/// `did you mean X?` when a known name is near, else where the list of names stands.
std::string advice(std::string_view name, const std::vector<std::string>& known);

}  // namespace nexus
