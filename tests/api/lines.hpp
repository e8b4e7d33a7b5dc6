// The contract's routes as literal lines, a file for each plane. A new plane adds its file here and to find_routes.
#pragma once
#include "tests/api/routes.hpp"

namespace nexus::test {

using Fill = std::function<Filled(const Stage&)>;

inline Fill just(const std::string& target) {
  return [target](const Stage&) { return Filled{target}; };
}

inline Filled json(const std::string& target, const Json& body) { return {target, body.dump(), "application/json"}; }

std::vector<Line> spine_lines();
std::vector<Line> raw_lines();
std::vector<Line> audit_lines();
std::vector<Line> approval_lines();
std::vector<Line> gate_lines();
std::vector<Line> preference_lines();
std::vector<Line> measures_lines();
std::vector<Line> card_lines();
std::vector<Line> pack_lines();
std::vector<Line> atom_lines();
std::vector<Line> run_lines();
std::vector<Line> memory_lines();
std::vector<Line> maybe_lines();
std::vector<Line> analytics_lines();
std::vector<Line> chat_lines();
std::vector<Line> media_lines();
std::vector<Line> canvas_lines();

}  // namespace nexus::test
