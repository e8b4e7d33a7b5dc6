// Lines of chat, tickets and live tails.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> chat_lines() { return {}; }

}  // namespace nexus::test
