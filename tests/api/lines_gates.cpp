// Lines of asking the gates themselves.
#include "tests/api/lines.hpp"

namespace nexus::test {

Lines gate_lines() {
  const auto ask_for = [](const std::string& target) {
    return [target](const Stage&) { return json(target, {{"action", "swept_act"}, {"surface", "swept_acts"}}); };
  };
  return {
      {"POST /gates/check", "member", "gates_check", "full", 200, ask_for("/gates/check"), {}, "swept_act"},
      {"POST /gates/explain", "member", "gates_explain", "read", 200, ask_for("/gates/explain")},
  };
}

}  // namespace nexus::test
