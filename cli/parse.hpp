// From argv to a command and its values. parse.cpp is the only file of nexusctl that knows CLI11.
#pragma once
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace nexus::cli {

struct Parsed {
  const Command* command = nullptr;  // null: `text` is what was asked for (help, version)
  std::string path;                  // `nexusctl tenant create`
  std::string text;
  Values values;
};

/// `argv` without the program's name. Throws a usage error (with the nearest command, or the usage line, as remedy).
Parsed parse(const Command& root, std::vector<std::string> argv);

/// The candidate nearest to `word` by edit distance, or nothing when all are far.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace nexus::cli
