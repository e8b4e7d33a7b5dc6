#include "cli/engine/command.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "cli/engine/failure.hpp"
#include "cli/engine/settings.hpp"

namespace nexus::cli {
namespace {

using Kind = Parameter::Kind;

constexpr std::size_t kColumns = 80;
constexpr std::size_t kTextColumnsMin = 40;  // with a long name, a long line is better than a narrow column

std::string usage_of(const Parameter& parameter) {
  const std::string with_value = key_of(parameter) + (parameter.value.empty() ? "" : " " + parameter.value);
  const bool several = parameter.kind == Kind::arguments || parameter.kind == Kind::repeated_option;
  return (is_required(parameter) ? with_value : "[" + with_value + "]") + (several ? " ..." : "");
}

/// Breaks a text into lines of at most `columns`; every line but the first begins with `indent` blanks.
std::string wrapped(const std::string& text, std::size_t columns, std::size_t indent) {
  std::istringstream words(text);
  std::string out, word;
  std::size_t used = 0;
  while (words >> word) {
    if (used > 0 && used + 1 + word.size() > columns) {
      out += "\n" + std::string(indent, ' ');
      used = 0;
    }
    if (used > 0) out += ' ';
    out += word;
    used += word.size() + (used > 0 ? 1 : 0);
  }
  return out;
}

/// One line per pair; a pair without a left side is a heading.
std::string rows(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t width = 0;
  for (const auto& [left, right] : pairs) width = std::max(width, left.size());
  const std::size_t indent = width + 4;
  const std::size_t columns = std::max(kTextColumnsMin, kColumns - std::min(kColumns, indent));
  std::string out;
  for (const auto& [left, right] : pairs)
    if (left.empty())
      out += right + "\n";
    else
      out += "  " + left + std::string(width - left.size() + 2, ' ') + wrapped(right, columns, indent) + "\n";
  return out;
}

std::string prose(const std::string& text) {
  std::string out;
  for (const auto& paragraph : paragraphs_of(text)) out += "\n" + wrapped(paragraph, kColumns, 0) + "\n";
  return out;
}

std::vector<Command> sorted_commands() {
  std::vector<Command> commands = all_commands();
  std::ranges::sort(commands, {}, [](const Command& command) { return std::tie(command.topic, command.name); });
  return commands;
}

}  // namespace

bool is_argument(const Parameter& parameter) {
  return parameter.kind == Kind::argument || parameter.kind == Kind::optional_argument ||
         parameter.kind == Kind::arguments;
}

bool is_required(const Parameter& parameter) {
  return parameter.kind == Kind::argument || parameter.kind == Kind::arguments ||
         parameter.kind == Kind::required_option;
}

std::string key_of(const Parameter& parameter) { return parameter.name.substr(parameter.name.find(',') + 1); }

const Parameter* find_option(const std::vector<const Command*>& path, const std::string& name) {
  for (auto level = path.rbegin(); level != path.rend(); ++level)
    for (const auto& parameter : (*level)->parameters)
      if (!is_argument(parameter) && (key_of(parameter) == name || parameter.name.starts_with(name + ",")))
        return &parameter;
  return nullptr;
}

const std::vector<std::string>& Values::list(const std::string& name) const {
  const auto it = values_.find(name);
  if (it == values_.end()) throw std::logic_error("no parameter " + name);
  heeded_.insert(name);
  return it->second;
}

std::optional<std::string> Values::find_unheeded() const {
  for (const auto& [name, values] : values_)
    if (name.starts_with('-') && !values.empty() && !heeded_.contains(name)) return name;
  return std::nullopt;
}

const std::string& Values::text(const std::string& name) const {
  const auto& values = list(name);
  if (values.empty()) throw usage_error(name + " is missing");
  return values.front();
}

std::optional<std::string> Values::find(const std::string& name) const {
  const auto& values = list(name);
  return values.empty() ? std::nullopt : std::optional(values.front());
}

std::optional<long long> Values::number(const std::string& name, long long least, long long most) const {
  const auto text_value = find(name);
  if (!text_value) return std::nullopt;
  long long value = 0;
  const char* end = text_value->data() + text_value->size();
  const auto [stop, error] = std::from_chars(text_value->data(), end, value);
  if (error != std::errc() || stop != end || value < least || value > most)
    throw usage_error(name + " wants a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

Json Values::object(const std::string& name) const {
  try {
    Json json = parse_json(text(name));
    if (json.is_object()) return json;
  } catch (const JsonError&) {
  }
  throw usage_error(name + R"( wants a JSON object such as {"take":3})");
}

std::string Values::text_or_input(const std::string& name) const {
  if (const auto text = find(name); text && *text != "-") return *text;
  std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  if (std::ferror(stdin) != 0) throw Failure(Exit::negative, "standard input cannot be read");
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::vector<std::string> paragraphs_of(const std::string& text) {
  std::vector<std::string> paragraphs;
  std::istringstream lines(text);
  bool open = false;
  for (std::string line; std::getline(lines, line); open = !line.empty()) {
    if (line.empty()) continue;
    if (open)
      paragraphs.back() += " " + line;
    else
      paragraphs.push_back(line);
  }
  return paragraphs;
}

std::string usage_line(const std::string& path, const Command& command) {
  if (!command.commands.empty()) return path + " COMMAND ...";
  std::string line = path;
  for (const bool arguments : {false, true})  // the order of the manual
    for (const auto& parameter : command.parameters)
      if (is_argument(parameter) == arguments) line += " " + usage_of(parameter);
  return line;
}

std::string help_text(const std::string& path, const Command& command) {
  std::string out = command.summary + "\n\nusage: " + usage_line(path, command) + "\n";
  if (!command.commands.empty()) {
    std::vector<std::pair<std::string, std::string>> pairs;
    Topic topic = Topic::none;
    for (const auto& sub : command.commands) {
      if (sub.topic != std::exchange(topic, sub.topic)) pairs.emplace_back("", heading_of(sub.topic));
      pairs.emplace_back(sub.name, sub.summary);
    }
    out += "\ncommands:\n" + rows(pairs);
  }
  if (path == "nexusctl") out += "\nglobal options (before or after the command):";
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const auto& parameter : command.parameters) {
    std::string left = parameter.name;
    if (const auto comma = left.find(','); comma != std::string::npos) left.insert(comma + 1, " ");
    if (!parameter.value.empty()) left += " " + parameter.value;
    parameters.emplace_back(std::move(left), parameter.help);
  }
  if (!parameters.empty()) out += "\n" + rows(parameters);
  out += prose(command.description) + prose(command.exit_status);
  if (!command.example.empty()) out += "\nexample:\n";
  std::istringstream lines(command.example);
  for (std::string line; std::getline(lines, line);) out += "  " + line + "\n";
  if (path != "nexusctl") out += "\nGlobal options: nexusctl --help\n";
  return out;
}

const Command& root_command() {
  static const Command kRoot = {.name = "nexusctl",
                                .summary = "the command line of Nexus, a multi-tenant control plane",
                                .example = "nexusctl upload report.pdf --tenant TENANT_ID --env dev",
                                .parameters = global_parameters(),
                                .commands = sorted_commands(),
                                .of_nexusd = {"serve", "migrate", "check", "key"}};
  return kRoot;
}

std::string heading_of(Topic topic) {
  constexpr std::array<const char*, 9> kHeadings = {"",        "First job",      "Files and texts", "Stop",   "Decide",
                                                    "Measure", "Look and prove", "Set up",          "Operate"};
  return kHeadings[static_cast<std::size_t>(topic)];
}

}  // namespace nexus::cli
