// What `nexusctl __complete WORD...` answers to the scripts of the shells.
#pragma once
#include <string>
#include <vector>

#include "cli/engine/settings.hpp"

namespace nexus::cli {

/// Prints what may stand in the place of the last word (completion_text() of cli/engine/completion.hpp). Ids, actions,
/// surfaces and contexts come from where the words say: the daemon is asked once, by a read, and given a second. What
/// goes wrong is not told, because a person is in the middle of a line; the exit code is always 0.
int complete(const std::vector<std::string>& words, const Environment& environment);

}  // namespace nexus::cli
