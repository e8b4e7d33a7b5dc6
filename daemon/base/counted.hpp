// Numbers with their nouns.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace nexus {

/// `1 day`, `7 days`: of a noun whose plural ends in s.
inline std::string counted(std::int64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace nexus
