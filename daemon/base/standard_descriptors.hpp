// Standard descriptors that came closed. The next file, database or socket to be opened would get their numbers, and
// what a program prints would go there.
#pragma once

namespace nexus {

/// /dev/null takes the place of each one that is closed, opened the wrong way round (0 for writing, 1 and 2 for
/// reading), so that using it is an error and no silence. Before anything else is opened.
void occupy_standard_descriptors();

}  // namespace nexus
