// Lines of atoms.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> atom_lines() { return {}; }

}  // namespace nexus::test
