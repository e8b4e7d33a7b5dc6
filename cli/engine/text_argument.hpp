// Arguments that hold what somebody wrote: on the command line, or on standard input.
#pragma once
#include <string>

#include "cli/engine/command.hpp"

namespace nexus::cli {

/// The argument's or option's own text; where it is missing or `-`, all of standard input without its last newline.
std::string text_argument(const Values& values, const std::string& name);

}  // namespace nexus::cli
