// Lines of influence packs.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> pack_lines() { return {}; }

}  // namespace nexus::test
