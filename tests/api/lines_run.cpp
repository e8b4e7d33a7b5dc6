// Lines of runs.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> run_lines() { return {}; }

}  // namespace nexus::test
