// Lines of canvases.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> canvas_lines() { return {}; }

}  // namespace nexus::test
