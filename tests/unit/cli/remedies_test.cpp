// Whoever is told what to try will paste it: every remedy, of the daemon and of nexusctl, and every example of help is
// a line that the parser takes, and carries the caller's own arguments or placeholders in capitals, never another id.
#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "cli/engine/failure.hpp"
#include "cli/engine/parse.hpp"
#include "daemon/base/file.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;

namespace {

using Words = std::vector<std::string>;

constexpr const char* kOwn = "OWN";  // stands for what the code puts in: the caller's own, or another placeholder

/// Without comments; texts in quotes stay.
std::string code_of(const std::string& source) {
  std::string out;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source.compare(i, 2, "//") == 0) {
      i = source.find('\n', i);
      if (i == std::string::npos) break;
      out += '\n';
    } else if (source[i] == '"') {
      const auto begin = i++;
      for (; i < source.size() && source[i] != '"'; ++i)
        if (source[i] == '\\') ++i;
      out += source.substr(begin, i - begin + 1);
    } else {
      out += source[i];
    }
  }
  return out;
}

/// The text between the quotes that begin at `at`, which moves behind it.
std::string literal_at(const std::string& code, std::size_t& at) {
  std::string text;
  for (++at; at < code.size() && code[at] != '"'; ++at) {
    if (code[at] == '\\') ++at;
    text += code[at] == 'n' && code[at - 1] == '\\' ? '\n' : code[at];
  }
  ++at;
  return text;
}

/// Moves over one operand of `+` that is no text in quotes: up to the next operator or end at the same depth.
void skip_operand(const std::string& code, std::size_t& at) {
  int depth = 0;
  for (; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '"') {
      literal_at(code, at);
      --at;
    } else if (c == '(' || c == '{' || c == '[') {
      ++depth;
    } else if (c == ')' || c == '}' || c == ']') {
      if (depth-- == 0) return;
    } else if (depth == 0 && (c == '+' || c == ',' || c == ';' || c == ':' || c == '?')) {
      return;
    }
  }
}

/// The whole text that is put together beginning with the literal at `at`. An operand in parentheses that chooses
/// between two is left out: it adds an option or nothing.
std::string text_at(const std::string& code, std::size_t at) {
  std::string text;
  const auto blank = [&] {
    while (at < code.size() && std::isspace(static_cast<unsigned char>(code[at])) != 0) ++at;
  };
  while (at < code.size()) {
    if (code[at] == '"') {
      text += literal_at(code, at);
    } else {
      const auto begin = at;
      skip_operand(code, at);
      const std::string operand = code.substr(begin, at - begin);
      if (!(operand.front() == '(' && operand.find('?') != std::string::npos)) text += kOwn;
    }
    blank();
    if (code[at] == '"') continue;
    if (code[at] != '+') return text;
    ++at;
    blank();
  }
  return text;
}

/// Words as a shell reads them, up to a pipe, and without redirections.
Words shell_words(const std::string& line) {
  Words words;
  std::string word;
  bool open = false;
  char quote = 0;
  const auto end = [&] {
    if (open) words.push_back(word);
    word.clear();
    open = false;
  };
  for (const char c : line + " ") {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ' ') {
      end();
    } else if (c == '|') {
      break;
    } else {
      word += c;
      open = true;
    }
  }
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "<" || words[i] == ">") {
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      --i;
    }
  return words;
}

std::map<std::string, std::string> sources() {
  std::map<std::string, std::string> files;
  const std::filesystem::path root = NEXUS_SOURCE_DIR;
  for (const char* floor : {"cli", "daemon"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / floor))
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
        files[std::filesystem::relative(entry.path(), root).string()] =
            code_of(nexus::read_file(entry.path(), 1 << 20));
  return files;
}

struct Line {
  std::string file, text;
};

/// Every text that begins as a line of ours, but for examples of help, which the tree of commands gives whole.
std::vector<Line> lines() {
  std::vector<Line> found;
  for (const auto& [file, code] : sources())
    for (auto at = code.find("\"nexusctl "); at != std::string::npos; at = code.find("\"nexusctl ", at + 1)) {
      const bool example =
          code.substr(at < 40 ? 0 : at - 40, at < 40 ? at : 40).find(".example =") != std::string::npos;
      const std::string text = text_at(code, at);
      // the version; a title; the name of a manual page; any command that wants a reason
      const bool no_line = text == "nexusctl " || text == "nexusctl could not do it" || text == "nexusctl OWN" ||
                           text == "nexusctl OWN OWN --reason TEXT";
      if (!example && !no_line) found.push_back({file, text});
    }
  return found;
}

bool is_placeholder(const std::string& word) {
  static const std::regex capitals("[A-Z]+(_[A-Z]+)*");
  return std::regex_match(word, capitals);
}

/// What names a thing of somebody's, by the name of the argument or of an option's value.
bool names_an_id(const Parameter& parameter) {
  const std::string& what = parameter.value.empty() ? parameter.name : parameter.value;
  return what.ends_with("_ID") || what == "SEQ" || what == "CURSOR" || what == "SESSION";
}

/// Ids of ours, and what looks like one, have no business in a line to paste.
bool holds_an_id(const std::string& text) {
  static const std::regex id("[0-9a-f]{8}-[0-9a-f]{4}-|\\b[tu]_[a-z0-9]|\\b(nxr|eyJ)");
  return std::regex_search(text, id);
}

void check_line(const std::string& text) {
  INFO(text);
  CHECK_FALSE(holds_an_id(text));
  CHECK(text.substr(0, text.find(" < FILE")).find('<') == std::string::npos);
  Words words = shell_words(text);
  REQUIRE_FALSE(words.empty());
  words.erase(words.begin());
  try {
    const Parsed parsed = parse(root_command(), words);
    if (!parsed.command) return;  // help
    for (const auto& parameter : parsed.command->parameters) {
      if (!names_an_id(parameter)) continue;
      for (const auto& value : parsed.values.list(key_of(parameter)))
        CHECK((is_placeholder(value) || value == "earliest"));
    }
  } catch (const Failure& failure) {
    FAIL_CHECK(failure.what());
  }
}

void check_lines(const std::string& text) {
  std::istringstream lines_of(text);
  for (std::string line; std::getline(lines_of, line);) check_line(line);
}

void check_examples(const Command& command) {
  check_lines(command.example);
  for (const auto& sub : command.commands) check_examples(sub);
}

}  // namespace

TEST_CASE("every line to try is one that the parser takes, without another's id", "[cli][remedies]") {
  const auto all = lines();
  CHECK(all.size() > 40);
  for (const char* floor : {"cli/", "daemon/gates/", "daemon/identity/"})
    CHECK(std::any_of(all.begin(), all.end(), [&](const Line& line) { return line.file.starts_with(floor); }));
  for (const auto& line : all) {
    INFO(line.file);
    check_lines(line.text);
  }
}

TEST_CASE("every example of help is such a line", "[cli][remedies]") { check_examples(root_command()); }

// The second argument of usage_error, the third of Failure, and what a gate or a problem names as its remedy: a line of
// nexusctl, of nexusd, or the one of chmod.
TEST_CASE("a remedy is a command line", "[cli][remedies]") {
  static const std::regex sites("usage_error\\(|Failure\\(Exit::|with_remedy\\(|\\.remedy = ");
  std::size_t seen = 0;
  for (const auto& [file, code] : sources()) {
    for (std::sregex_iterator it(code.begin(), code.end(), sites), end; it != end; ++it) {
      std::size_t at = static_cast<std::size_t>(it->position() + it->length());
      const std::string site = it->str();
      const int skipped = site == "usage_error(" || site == "Failure(Exit::" ? 1 : 0;
      // Over the arguments before it, at depth 0.
      int left = site == "Failure(Exit::" ? 2 : skipped;
      while (left > 0) {
        const auto before = at;
        skip_operand(code, at);
        if (at >= code.size() || code[at] == ')' || code[at] == ';') break;
        if (code[at] == ',') --left;
        at = std::max(at + 1, before + 1);
      }
      if (left > 0) continue;  // no remedy there
      while (at < code.size() && std::isspace(static_cast<unsigned char>(code[at])) != 0) ++at;
      if (code[at] != '"') continue;  // made elsewhere: a text that `lines` sees, or the parser's own
      const std::string text = text_at(code, at);
      INFO(file << ": " << text);
      ++seen;
      CHECK((text.empty() || text.starts_with("nexusctl ") || text.starts_with("nexusd ") ||
             text.starts_with("chmod 600 ")));
    }
  }
  CHECK(seen > 20);
}

TEST_CASE("a line that does harm is found", "[cli][remedies]") {
  CHECK(holds_an_id("nexusctl card delete 01933f9e-7c1b-7000-8000-0123456789ab"));
  CHECK(holds_an_id("nexusctl tenant disable t_acme"));
  CHECK_FALSE(is_placeholder("7"));
  CHECK(is_placeholder("TENANT_ID"));
  CHECK(text_at("\"nexusctl a \" + b(c, \"+\") + \" d\" + (e ? \"\" : \"f\") + \" g\", h", 0) == "nexusctl a OWN d g");
  CHECK(shell_words("nexusctl login --reason 'a b' < FILE") == Words{"nexusctl", "login", "--reason", "a b"});
}
