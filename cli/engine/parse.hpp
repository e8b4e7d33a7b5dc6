// From argv to a command and its values: our own walk along the command tree, because a command line has to mean one
// thing only. Nothing is bundled, shortened or guessed: `-h` and `--help` alone are help, a word that begins with `-`
// is an option unless `--` stands before it, and a word that is no option, command or argument is an error.
#pragma once
#include <string>
#include <vector>

#include "cli/engine/command.hpp"

namespace nexus::cli {

struct Parsed {
  const Command* command = nullptr;  // null: `text` is what was asked for (help, version)
  std::string path;                  // `nexusctl tenant create`
  std::string text;
  Values values;
};

/// `argv` without the program's name. Throws a usage error; its remedy is a line that this parser takes, made of the
/// caller's own words where that can be.
Parsed parse(const Command& root, const std::vector<std::string>& argv);

}  // namespace nexus::cli
