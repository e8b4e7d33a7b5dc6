// The token that a file or standard input holds, and what a header may hold at all.
#pragma once
#include <string>

#include "cli/engine/settings.hpp"

namespace nexus::cli {

/// Returns the value. A line break in a header's value would start a second header, so such a value is a usage error
/// that names the source.
const std::string& checked(const std::string& value, const std::string& source);

/// Reads the token of a file, or the first line of standard input for `-`. Says on standard error when others may read
/// the file.
std::string read_token_file(const TokenPlace& place);

}  // namespace nexus::cli
