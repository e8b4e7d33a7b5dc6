// What changes when the configuration is read again while the daemon serves, and which options take effect then.
#pragma once
#include <string>
#include <vector>

#include "daemon/config/resolve.hpp"

namespace nexus {

/// Whether a new value takes effect at SIGHUP; the others wait for the next start. These are the options of the log:
/// nothing that was judged by an old value is still open.
bool is_taken_live(const Option& option);

struct Change {
  const Option* option;
  Origin now;  ///< its source and value in what was read again
};

/// The options whose values differ, as texts, in the order of the table.
std::vector<Change> changes(const Resolved& in_force, const Resolved& again);

/// Takes over the options that are taken live, with their origins. The others stay.
void take_live(Resolved& in_force, const Resolved& again);

}  // namespace nexus
