// Lines of memory.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> memory_lines() { return {}; }

}  // namespace nexus::test
