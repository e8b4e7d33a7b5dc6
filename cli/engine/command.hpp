// What a command of nexusctl is, as plain data: names, parameters, help, one example and a function to run.
// A group of commands is one file that answers one `Command`; cli/commands.cpp lists the groups; cli/parse.cpp turns
// argv into `Values`. Usage lines are made from this data, so help, man-page
// test and parser cannot disagree.
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
  std::string help;
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

/// A command with `run`, or a group with `commands`.
struct Command {
  std::string name;
  std::string summary;
  std::string example = {};
  std::vector<Parameter> parameters = {};
  std::function<int(Session&, const Values&)> run = {};
  std::vector<Command> commands = {};
  std::string notes = {};        // further lines of help
  std::string beyond_curl = {};  // why no curl line does what it does: `it ...`; --print curl is then an error
};

/// The whole tree: nexusctl with its global options and every group.
const Command& root_command();

/// `nexusctl asset list [--limit N] …`; `path` is the words up to and with the command's own name.
std::string usage_line(const std::string& path, const Command& command);
std::string help_text(const std::string& path, const Command& command);

/// The key under which an option's value is found: its long name.
std::string key_of(const Parameter& parameter);

}  // namespace nexus::cli
