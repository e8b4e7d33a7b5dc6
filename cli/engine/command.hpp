// What a command of nexusctl is, as plain data: names, parameters, texts, examples and a function to run.
// A group of commands is a function `Command NAME_command() {` in cli/commands/, and the build finds it there.
// cli/engine/parse.cpp turns argv into `Values`. The parser, --help and the manual pages (cli/manual/) read the same
// data, so they cannot disagree.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::cli {

class Session;

/// One thing on a command line. `name` is `FILE` for an argument, `--limit` or `-o,--output` for an option.
struct Parameter {
  enum class Kind { argument, optional_argument, arguments, option, required_option, repeated_option, flag };
  Kind kind;
  std::string name;
  std::string value;  // what the option takes, as help shows it; empty for flags and arguments
  std::string help;   // begins with a small letter or a literal; only after several sentences a full stop
};

Parameter argument(std::string name, std::string help);
Parameter optional_argument(std::string name, std::string help);
Parameter arguments(std::string name, std::string help);  // one or more
Parameter option(std::string name, std::string value, std::string help);
Parameter required_option(std::string name, std::string value, std::string help);
Parameter repeated_option(std::string name, std::string value, std::string help);  // none or more
Parameter flag(std::string name, std::string help);

/// What argv said, by parameter name (an option's long name). Asking for a name that is no parameter of the command is
/// a defect and throws std::logic_error.
class Values {
 public:
  void declare(const std::string& name) { values_[name]; }
  std::vector<std::string>& slot(const std::string& name) { return values_[name]; }

  bool given(const std::string& name) const { return !list(name).empty(); }
  const std::string& text(const std::string& name) const;  // of a required parameter
  std::optional<std::string> find(const std::string& name) const;
  const std::vector<std::string>& list(const std::string& name) const;
  /// An integer within the bounds, else a usage error that names the option.
  std::optional<long long> number(const std::string& name, long long least, long long most) const;

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

/// Under which heading nexusctl(1) and `nexusctl --help` show a group.
enum class Topic : unsigned char {
  none,
  first_job,
  files_and_texts,
  stop,
  decide,
  measure,
  look_and_prove,
  set_up,
  operate
};

/// A command with `run`, or a group with `commands`.
/// `summary`, `help` of a parameter, `description` and `exit_status` are texts for --help and for the manual page.
/// A blank line ends a paragraph; other line breaks are blanks. A literal (a value, a field, a file name, a line to
/// type) stands in backquotes; options, NEXUS_ variables and pages such as nexusctl-gate(1) are recognised without.
struct Command {
  std::string name;
  Topic topic = Topic::none;     // of a group or command right below nexusctl
  std::string summary;           // begins with a small letter, and has no full stop
  std::string description = {};  // what a user must know beyond the summary
  std::string exit_status = {};  // where it means more than nexusctl(1) says
  std::string see_also = {};     // further pages, as `nexusctl-gate(1), nexus-limits(7)`
  std::string example = {};      // lines that begin with `nexusctl`, with placeholders in capitals
  std::vector<Parameter> parameters = {};
  std::function<int(Session&, const Values&)> run = {};
  std::vector<Command> commands = {};
  std::string beyond_curl = {};  // why no curl line does what it does: `it ...`; --print curl is then an error
};

/// Every `Command NAME_command()` of cli/commands/, in the order of the files. Made by the build.
std::vector<Command> all_commands();

/// The whole tree: nexusctl with its global options and every group, by topic and then by name.
const Command& root_command();

/// `nexusctl asset list [--limit N] …`; `path` is the words up to and with the command's own name.
std::string usage_line(const std::string& path, const Command& command);
/// What --help prints: lines of at most 80 columns, but for usage and examples.
std::string help_text(const std::string& path, const Command& command);

/// What stands above the groups of a topic: `Set up`.
std::string heading_of(Topic topic);

/// The paragraphs of a text, each one line.
std::vector<std::string> paragraphs_of(const std::string& text);

/// An argument, not an option.
bool is_argument(const Parameter& parameter);

/// The key under which an option's value is found: its long name.
std::string key_of(const Parameter& parameter);

}  // namespace nexus::cli
