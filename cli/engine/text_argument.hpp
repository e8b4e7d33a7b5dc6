// Arguments that hold a text: on the command line, or on standard input.
#pragma once
#include <string>

#include "cli/engine/command.hpp"

namespace nexus::cli {

/// Returns the text of the argument or option. When it is missing or `-`, returns all of standard input without its
/// last newline.
std::string text_argument(const Values& values, const std::string& name);

}  // namespace nexus::cli
