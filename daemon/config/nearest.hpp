// "Did you mean": the known name nearest to a misspelt one.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

/// The known name nearest to `name`; nothing when all are far.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known);
/// `did you mean X?` when a known name is near, else where the list of names stands.
std::string advice(std::string_view name, const std::vector<std::string>& known);

}  // namespace nexus
