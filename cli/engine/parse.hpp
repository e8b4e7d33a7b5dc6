// From argv to a command and its values. Our own parser walks along the command tree, because a command line must have
// one meaning only. Nothing is bundled, abbreviated or guessed. `-h` and `--help` alone are help. A word that begins
// with `-` is an option unless `--` comes before it. A word that is no option, command or argument is an error.
#pragma once
#include <string>
#include <vector>

#include "cli/engine/command.hpp"

namespace nexus::cli {

struct Parsed {
  const Command* command = nullptr;  // null: `text` is the text asked for (help, version)
  std::string path;                  // `nexusctl tenant create`
  std::string text;
  Values values;
  bool build_info = false;  // `--version -o json`: what only the program knows
};

/// Takes `argv` without the program's name. Throws a usage error. Its remedy is a line that this parser accepts, made
/// of the caller's own words where possible.
Parsed parse(const Command& root, const std::vector<std::string>& argv);

}  // namespace nexus::cli
