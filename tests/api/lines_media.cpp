// Lines of media.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> media_lines() { return {}; }

}  // namespace nexus::test
