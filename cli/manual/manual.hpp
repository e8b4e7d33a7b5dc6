// The manual pages of nexusctl, made from the tree of commands: SYNOPSIS, commands, options, arguments, EXAMPLES and
// SEE ALSO are its names and texts. Only nexusctl(1) has prose of its own, in man/nexusctl.1.in. The build writes the
// pages (cli/main/manual_pages.cpp); nexusctl itself does not hold this code.
#pragma once
#include <string>
#include <string_view>

#include "cli/engine/command.hpp"

namespace nexus::cli {

/// A text of a command (see `Command`) as mdoc(7), with a line end behind it; empty for an empty text.
std::string mdoc_prose(const std::string& text);

/// The page nexusctl-GROUP(1) of a group, or of a command that stands alone, below the root. `date` is what `.Dd` says.
std::string group_page(const Command& group, std::string_view date);

/// The page nexusctl(1): `source` with its lines `@COMMANDS@`, `@OPTIONS@` and `@SEE_ALSO@` replaced. Throws
/// std::runtime_error when one of them is missing.
std::string main_page(const Command& root, std::string_view source);

/// What the line `.Dd` of a page says. Throws std::runtime_error when there is none.
std::string date_of(std::string_view page);

}  // namespace nexus::cli
