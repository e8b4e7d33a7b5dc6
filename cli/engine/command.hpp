// A command of nexusctl as plain data: names, parameters, texts, examples and a function to run. A group of commands is
// a function `Command NAME_command() {` in cli/commands/, and the build finds it there. cli/engine/parse.cpp turns argv
// into `Values`. The parser, --help and the manual pages (cli/manual/) read the same data, so they cannot disagree.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus::cli {

class Session;

/// One parameter of a command line. `name` is `FILE` for an argument, `--limit` or `-o,--output` for an option.
struct Parameter {
  enum class Kind { argument, optional_argument, arguments, option, required_option, repeated_option, flag };
  Kind kind;
  /// A time may be RFC 3339, a date, or a span such as `5h`: so long ago, or from now. A length is such a span alone.
  enum class Time { none, past, future, length };
  std::string name;
  std::string value;  // the option's value, as help shows it; empty for flags and arguments
  std::string help;   // begins with a small letter or a literal; ends with a full stop only after several sentences
  Time time = Time::none;
  bool repeatable = false;                // it makes a repeat of the same line count once
  std::vector<std::string> choices = {};  // the values that shells offer; what is taken, the command or daemon decides
};

inline Parameter argument(std::string name, std::string help) {
  return {Parameter::Kind::argument, std::move(name), {}, std::move(help)};
}
inline Parameter optional_argument(std::string name, std::string help) {
  return {Parameter::Kind::optional_argument, std::move(name), {}, std::move(help)};
}
/// One or more.
inline Parameter arguments(std::string name, std::string help) {
  return {Parameter::Kind::arguments, std::move(name), {}, std::move(help)};
}
inline Parameter option(std::string name, std::string value, std::string help) {
  return {Parameter::Kind::option, std::move(name), std::move(value), std::move(help)};
}
inline Parameter required_option(std::string name, std::string value, std::string help) {
  return {Parameter::Kind::required_option, std::move(name), std::move(value), std::move(help)};
}
/// None or more.
inline Parameter repeated_option(std::string name, std::string value, std::string help) {
  return {Parameter::Kind::repeated_option, std::move(name), std::move(value), std::move(help)};
}
inline Parameter flag(std::string name, std::string help) {
  return {Parameter::Kind::flag, std::move(name), {}, std::move(help)};
}

/// A time, which the parser turns into RFC 3339.
inline Parameter past(Parameter parameter) {
  parameter.time = Parameter::Time::past;
  parameter.help += "; 5h is 5 hours ago";
  return parameter;
}
inline Parameter future(Parameter parameter) {
  parameter.time = Parameter::Time::future;
  parameter.help += "; 5h is 5 hours from now";
  return parameter;
}
/// A length of time that counts from now.
inline Parameter from_now(Parameter parameter) {
  parameter.time = Parameter::Time::length;
  return parameter;
}
/// With it, the same line sent twice counts once. So no span may stand beside it: that is another time at each try.
inline Parameter repeatable(Parameter parameter) {
  parameter.repeatable = true;
  return parameter;
}

/// With the values that shells offer for it; its help names them too.
inline Parameter one_of(std::vector<std::string> choices, Parameter parameter) {
  parameter.choices = std::move(choices);
  return parameter;
}

/// True for an argument, false for an option.
bool is_argument(const Parameter& parameter);

/// Whether a command line must give it.
bool is_required(const Parameter& parameter);

/// The key of its value: an option's long name.
std::string key_of(const Parameter& parameter);

/// The parsed values, by parameter name (an option's long name). Asking for a name that is no parameter of the command
/// is a defect and throws std::logic_error.
class Values {
 public:
  std::vector<std::string>& slot(const std::string& name) { return values_[name]; }  // declares it too

  /// Of the options given on the command line, one that nobody has asked for yet; nothing when there is none.
  std::optional<std::string> find_unheeded() const;

  bool given(const std::string& name) const { return !list(name).empty(); }
  const std::string& text(const std::string& name) const;  // of a required parameter
  std::optional<std::string> find(const std::string& name) const;
  const std::vector<std::string>& list(const std::string& name) const;
  /// Returns an integer within the bounds. Otherwise throws a usage error that names the option.
  std::optional<long long> number(const std::string& name, long long least, long long most) const;
  /// Returns the JSON object. Otherwise throws a usage error that names the option.
  Json object(const std::string& name) const;
  /// Returns the text of the argument or option. When it is missing or `-`, returns all of standard input without its
  /// last newline.
  std::string text_or_input(const std::string& name) const;

 private:
  std::map<std::string, std::vector<std::string>> values_;
  mutable std::set<std::string> heeded_;  // those that were asked for
};

/// The heading under which nexusctl(1) and `nexusctl --help` show a group.
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

/// A command with `run`, or a group with `commands`. `summary`, `help` of a parameter, `description` and `exit_status`
/// are texts for --help and for the manual page. A blank line ends a paragraph; other line breaks are blanks. A literal
/// (a value, a field, a file name, a line to type) is in backquotes. Options, NEXUS_ variables and pages such as
/// nexusctl-gate(1) are recognised without backquotes.
struct Command {
  std::string name;
  Topic topic = Topic::none;     // of a group or command right below nexusctl
  std::string summary;           // begins with a small letter, and has no full stop
  std::string description = {};  // what a user must know beyond the summary
  std::string exit_status = {};  // where its meaning goes beyond nexusctl(1)
  std::string see_also = {};     // further pages, as `nexusctl-gate(1), nexus-limits(7)`
  std::string example = {};      // lines that begin with `nexusctl`, with placeholders in capitals
  std::vector<Parameter> parameters = {};
  std::function<int(Session&, const Values&)> run = {};
  std::vector<Command> commands = {};
  std::vector<std::string> columns = {};    // of tsv and csv, where the command prints rows
  std::vector<std::string> of_nexusd = {};  // commands that nexusd has under the same name, and people look for here
  std::string beyond_curl = {};             // why no curl line can do the same: `it ...`; --print curl is then an error
};

/// Every `Command NAME_command()` of cli/commands/, in the order of the files. Generated by the build.
std::vector<Command> all_commands();

/// The option of that long or short name (`--output`, `-o`) that holds at the end of a path of commands; nullptr if
/// none.
const Parameter* find_option(const std::vector<const Command*>& path, const std::string& name);

/// The whole tree: nexusctl with its global options and every group, by topic and then by name.
const Command& root_command();

/// Returns `nexusctl asset list [--limit N] …`; `path` is all words up to the command's own name.
std::string usage_line(const std::string& path, const Command& command);
/// What --help prints: lines of at most 80 columns, except usage and examples.
std::string help_text(const std::string& path, const Command& command);

/// The heading above the groups of a topic: `Set up`.
std::string heading_of(Topic topic);

/// The paragraphs of a text, each as one line.
std::vector<std::string> paragraphs_of(const std::string& text);

}  // namespace nexus::cli
