#include "cli/manual/manual.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace nexus::cli {
namespace {

using Kind = Parameter::Kind;
using Paths = std::vector<std::pair<std::string, const Command*>>;

/// Escapes the characters that roff or a terminal would change.
std::string escaped(std::string_view text) {
  static const std::map<char, const char*> kEscapes = {{'\\', "\\e"},  {'\'', "\\(aq"}, {'"', "\\(dq"},
                                                       {'`', "\\(ga"}, {'^', "\\(ha"},  {'~', "\\(ti"}};
  std::string out;
  for (const char c : text) {
    const auto found = kEscapes.find(c);
    out += found == kEscapes.end() ? std::string(1, c) : found->second;
  }
  return out;
}

/// An argument of a macro that is taken literally. Words of three letters or fewer are then no macro or delimiter, and
/// `-` is no hyphen.
std::string literal(std::string_view word) {
  std::string out = word.size() <= 3 ? "\\&" : "";
  for (const char c : escaped(word)) out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

std::string literals(const std::string& line) {
  std::string out, word;
  for (std::istringstream words(line); words >> word;) out += (out.empty() ? "" : " ") + literal(word);
  return out;
}

/// `nexusctl-gate(1)`: a page and its section.
bool is_page(const std::string& word) {
  static const std::regex kPage("[a-z0-9._-]+\\([0-9]\\)");
  return std::regex_match(word, kPage);
}

/// The macro for a word; empty for a word of prose.
std::string macro_of(const std::string& word) {
  static const std::regex kOption("--[a-z0-9-]+|-[A-Za-z]"), kVariable("NEXUS_[A-Z0-9_]*");
  if (word.size() > 2 && word.starts_with('`') && word.ends_with('`'))
    return "Ql " + literals(word.substr(1, word.size() - 2));
  if (std::regex_match(word, kOption)) return "Cm " + literal(word);
  if (std::regex_match(word, kVariable)) return "Ev " + word;
  if (is_page(word)) return "Xr " + word.substr(0, word.size() - 3) + " " + word[word.size() - 2];
  return {};
}

/// Words between blanks; text in backquotes is one word, whatever it holds.
std::vector<std::string> words_of(const std::string& paragraph) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : paragraph) {
    if (c == '`') quoted = !quoted;
    if (c == ' ' && !quoted)
      words.emplace_back();
    else
      words.back() += c;
  }
  std::erase(words, "");
  return words;
}

/// Lines of mdoc, to which words and macros are added.
class Lines {
 public:
  void macro(const std::string& line) {
    end();
    out_ += "." + line + "\n";
  }

  void word(const std::string& word) {
    std::size_t begin = word.find_first_not_of("([");
    std::size_t end_of_core = word.find_last_not_of(".,;:!?])") + 1;
    if (begin == std::string::npos || end_of_core <= begin) return plain(word);
    if (word.size() > end_of_core && is_page(word.substr(begin, end_of_core + 1 - begin))) ++end_of_core;
    const std::string found = macro_of(word.substr(begin, end_of_core - begin));
    if (found.empty()) return plain(word);
    std::string line = found.substr(0, 2);
    for (const char c : word.substr(0, begin)) line += std::string(" ") + c;
    line += found.substr(2);
    for (const char c : word.substr(end_of_core)) line += std::string(" ") + c;
    macro(line);
  }

  void end() {
    if (!line_.empty()) out_ += line_ + "\n";
    line_.clear();
  }

  std::string take() {
    end();
    return std::move(out_);
  }

 private:
  /// A sentence ends its line, so that roff recognises its end.
  void plain(const std::string& word) {
    if (line_.empty() && word.starts_with('.')) line_ = "\\&";
    line_ += (line_.empty() || line_ == "\\&" ? "" : " ") + escaped(word);
    if (word.ends_with('.') || word.ends_with('!') || word.ends_with('?')) end();
  }

  std::string out_, line_;
};

/// A parameter as mdoc: `Fl O , Fl Fl output-file Ar FILE`; in a SYNOPSIS by its long name alone.
std::string name_of(const Parameter& parameter, bool with_short_name) {
  if (is_argument(parameter)) return "Ar " + parameter.name + (parameter.kind == Kind::arguments ? " ..." : "");
  const std::string key = key_of(parameter);
  std::string out = "Fl Fl " + key.substr(2) + (parameter.value.empty() ? "" : " Ar " + parameter.value);
  if (with_short_name && key != parameter.name) out = "Fl " + parameter.name.substr(1, 1) + " , " + out;
  return out;
}

std::string synopsis_of(const std::string& path, const Command& command) {
  std::string out = ".Nm " + path + "\n";
  for (const bool arguments : {false, true})
    for (const auto& parameter : command.parameters) {
      if (is_argument(parameter) != arguments) continue;
      out += (is_required(parameter) ? "." : ".Op ") + name_of(parameter, false) + "\n";
      if (parameter.kind == Kind::repeated_option) out += ".No ...\n";
    }
  return out;
}

std::string parameters_of(const Command& command) {
  if (command.parameters.empty()) return {};
  std::string out = ".Bl -tag -width Ds\n";
  for (const auto& parameter : command.parameters)
    out += ".It " + name_of(parameter, true) + "\n" + mdoc_prose(parameter.help);
  return out + ".El\n";
}

/// The group and everything below it, each with the words that name it.
void collect(const std::string& path, const Command& command, Paths& paths) {
  paths.emplace_back(path, &command);
  for (const auto& sub : command.commands) collect(path + " " + sub.name, sub, paths);
}

/// One subsection for each command, and for each group within the group.
/// What a script gets without -o.
std::string columns_of(const Command& command) {
  if (command.columns.empty()) return {};
  std::string columns;
  for (const auto& column : command.columns) columns += (columns.empty() ? "`" : ", `") + column + "`";
  return ".Pp\n" + mdoc_prose("Into a pipe it prints, parted by tabs: " + columns + ".");
}

std::string commands_of(const Paths& paths) {
  std::string out;
  for (const auto& [path, command] : paths) {
    if (command == paths.front().second) continue;
    out += ".Ss " + path + "\n" + mdoc_prose(command->summary);
    if (!command->description.empty()) out += ".Pp\n" + mdoc_prose(command->description);
    out += parameters_of(*command);
    out += columns_of(*command);
  }
  return out;
}

std::string examples_of(const Paths& paths) {
  std::vector<std::string> lines;
  for (const auto& [path, command] : paths) {
    if (!command->run && command != paths.front().second) continue;  // of a group within: for its --help
    std::istringstream stream(command->example);
    for (std::string line; std::getline(stream, line);)
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  std::string out;
  for (const auto& line : lines) out += ".Dl " + literals(line) + "\n";
  return out;
}

std::string summaries_of(const Command& root) {
  std::string out;
  Topic topic = Topic::none;
  for (const auto& group : root.commands) {
    if (group.topic != std::exchange(topic, group.topic))
      out += (out.empty() ? "" : ".El\n.Pp\n") + std::string(".Em ") + heading_of(topic) + "\n.Bl -tag -width Ds\n";
    out += ".It Xr nexusctl-" + group.name + " 1\n" + mdoc_prose(group.summary);
  }
  return out + ".El\n";
}

std::string see_also_of(const Command& root) {
  std::set<std::string> names;
  for (const auto& group : root.commands) names.insert(group.name);
  std::string out;
  for (const auto& name : names) out += ".Xr nexusctl-" + name + " 1 ,\n";
  return out + ".Xr nexusd 8\n";
}

void replace(std::string& text, const std::string& line, const std::string& with) {
  const auto at = text.find("\n" + line + "\n");
  if (at == std::string::npos) throw std::runtime_error("man/nexusctl.1.in has no line " + line);
  text.replace(at + 1, line.size() + 1, with);
}

}  // namespace

std::string mdoc_prose(const std::string& text) {
  Lines lines;
  bool first = true;
  for (const auto& paragraph : paragraphs_of(text)) {
    if (!std::exchange(first, false)) lines.macro("Pp");
    for (const auto& word : words_of(paragraph)) lines.word(word);
    lines.end();
  }
  return lines.take();
}

std::string group_page(const Command& group, std::string_view date) {
  Paths paths;
  collect("nexusctl " + group.name, group, paths);
  std::string title = "NEXUSCTL-" + group.name;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return std::toupper(c); });
  std::string page =
      ".\\\" Made by the build from the tree of commands: change the text of the command, not this page.\n";
  page += ".Dd " + std::string(date) + "\n.Dt " + title + " 1\n.Os\n.Sh NAME\n.Nm nexusctl-" + group.name + "\n.Nd " +
          escaped(group.summary) + "\n.Sh SYNOPSIS\n";
  for (const auto& [path, command] : paths)
    if (command->run) page += synopsis_of(path, *command);
  page += ".Sh DESCRIPTION\n" + mdoc_prose(group.description.empty() ? group.summary : group.description);
  if (group.run && !group.parameters.empty()) page += ".Pp\nThe options and arguments are:\n" + parameters_of(group);
  page += commands_of(paths) + ".Pp\n" + mdoc_prose("The options of nexusctl(1) stand before or after the command.");
  page += ".Sh EXIT STATUS\n" + mdoc_prose("As for nexusctl(1).");
  for (const auto& [path, command] : paths) page += mdoc_prose(command->exit_status);
  page += ".Sh EXAMPLES\n" + examples_of(paths);
  return page + ".Sh SEE ALSO\n" + mdoc_prose("nexusctl(1)" + (group.see_also.empty() ? "" : ", " + group.see_also));
}

std::string main_page(const Command& root, std::string_view source) {
  std::string page(source);
  replace(page, "@COMMANDS@", summaries_of(root));
  replace(page, "@OPTIONS@", parameters_of(root));
  replace(page, "@SEE_ALSO@", see_also_of(root));
  return page;
}

std::string date_of(std::string_view page) {
  const auto at = page.find("\n.Dd ");
  if (at == std::string_view::npos) throw std::runtime_error("the page has no line .Dd");
  return std::string(page.substr(at + 5, page.find('\n', at + 1) - at - 5));
}

}  // namespace nexus::cli
