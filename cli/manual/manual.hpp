// Makes the manual pages of nexusctl from the tree of commands: SYNOPSIS, commands, options, arguments, EXAMPLES and
// SEE ALSO are its names and texts. Only nexusctl(1) has prose of its own, in man/nexusctl.1.in. The build writes the
// pages (cli/main/manual_pages.cpp); nexusctl itself does not contain this code.
#pragma once
#include <string>
#include <string_view>

#include "cli/engine/command.hpp"

namespace nexus::cli {

/// A text of a command (see `Command`) as mdoc(7), with a line end after it; empty for an empty text.
std::string mdoc_prose(const std::string& text);

/// The page nexusctl-GROUP(1) of a group, or of a single command, below the root. `date` is the value of `.Dd`.
std::string group_page(const Command& group, std::string_view date);

/// The page nexusctl(1): `source` with its lines `@COMMANDS@`, `@OPTIONS@` and `@SEE_ALSO@` replaced. Throws
/// std::runtime_error when one of them is missing.
std::string main_page(const Command& root, std::string_view source);

/// The value of a page's `.Dd` line. Throws std::runtime_error when there is none.
std::string date_of(std::string_view page);

}  // namespace nexus::cli
