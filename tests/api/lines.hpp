// The contract's routes as literal lines, in files lines_*.cpp or beside the tests of a slice; the build finds them.
#pragma once
#include "tests/api/routes.hpp"

namespace nexus::test {

using Fill = std::function<Filled(const Stage&)>;

inline Fill just(const std::string& target) {
  return [target](const Stage&) { return Filled{target}; };
}

inline Filled json(const std::string& target, const Json& body) { return {target, body.dump(), "application/json"}; }

using Lines = std::vector<Line>;

/// Every `Lines NAME_lines() {` of tests/api/*.cpp; found by the build.
std::vector<Lines> all_lines();

}  // namespace nexus::test
