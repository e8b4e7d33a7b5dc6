// Lines of analytics.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> analytics_lines() { return {}; }

}  // namespace nexus::test
