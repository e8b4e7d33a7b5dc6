// Lines of maybes.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> maybe_lines() { return {}; }

}  // namespace nexus::test
