// Handles standard descriptors that are closed at start. The next opened file, database or socket would get their
// numbers, and printed text would go there.
#pragma once

namespace nexus {

/// Opens /dev/null for each closed one, in the wrong mode (0 for writing, 1 and 2 for reading), so that its use is an
/// error. Call it before anything else is opened.
void occupy_standard_descriptors();

}  // namespace nexus
