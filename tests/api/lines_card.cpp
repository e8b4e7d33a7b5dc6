// Lines of cards, search and settings.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> card_lines() { return {}; }

}  // namespace nexus::test
