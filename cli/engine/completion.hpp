// What a shell offers at the cursor of a line of nexusctl, as far as the tree of commands tells it, and the scripts
// that make shells ask. Pure functions; cli/commands/completion.cpp adds what only the daemon knows.
#pragma once
#include <string>
#include <vector>

#include "cli/engine/command.hpp"

namespace nexus::cli {

/// Where a line stands at its last word, which may be empty and is being typed.
struct Cursor {
  std::vector<const Command*> path;      // from the root to the command so far
  Values values;                         // what was given before the cursor; every parameter of the path has a slot
  const Parameter* parameter = nullptr;  // the one whose value the word is; nullptr: a command, an option, or nothing
  bool options = false;                  // an option may stand here
  bool help = false;                     // behind `help` only commands stand
  std::string word;                      // what of the command, option or value is there
  std::string before;                    // `--output=`: what of the word stands before the value
};

struct Offer {
  std::string text;  // the whole word; needs no quotes in any shell
  std::string help;  // one line for people, or empty
};

/// Names of files are the shell's own to offer.
enum class Files { none, files };

/// Takes the words behind `nexusctl`, the one being typed last. Mistakes in the words before it are no errors: what
/// nobody knows is passed over.
Cursor cursor_of(const Command& root, const std::vector<std::string>& words);

/// Commands, options, and values that the tree names.
std::vector<Offer> offers_of(const Cursor& cursor);

Files files_of(const Cursor& cursor);

/// Returns one line an offer that begins with what was typed: the word, a tabulator, its help. An offer that a shell
/// would have to quote is left out, so that nobody's name becomes part of a command. Last, for files, a line `:files`.
std::string completion_text(const Cursor& cursor, const std::vector<Offer>& offers);

/// `bash`, `fish`, `zsh`.
const std::vector<std::string>& completion_shells();
/// The script for one of them.
std::string completion_script(const std::string& shell);

}  // namespace nexus::cli
