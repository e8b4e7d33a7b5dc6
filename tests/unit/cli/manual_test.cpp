// The manual pages are made from the tree of commands: all of it stands on them, as --help says it, and no character of
// a text is lost or changed on its way through mdoc.
#include "cli/manual/manual.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "daemon/base/file.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The same words with one blank between them.
std::string words(const std::string& text) {
  std::istringstream stream(text);
  std::string out, word;
  while (stream >> word) out += (out.empty() ? "" : " ") + word;
  return out;
}

void check_command(const std::string& path, const Command& command, const std::string& page) {
  INFO(path);
  const std::string help = words(help_text(path, command));
  const bool has_section = command.run || !command.description.empty();  // else a group that only holds commands
  for (const auto& text : {command.summary, command.description, command.exit_status}) {
    CHECK((!has_section || holds(page, mdoc_prose(text))));
    CHECK(holds(help, words(text)));
  }
  if (command.run) CHECK(holds(page, "\n.Nm " + path + "\n"));
  for (const auto& parameter : command.parameters) {
    INFO(parameter.name);
    const std::string name = is_argument(parameter) ? "Ar " + parameter.name : "Fl Fl " + key_of(parameter).substr(2);
    const auto item = page.find(name + (parameter.value.empty() ? "" : " Ar " + parameter.value));
    REQUIRE(item != std::string::npos);
    CHECK(holds(page, "\n" + mdoc_prose(parameter.help)));
    CHECK(holds(help, words(parameter.help)));
  }
  for (const auto& sub : command.commands) check_command(path + " " + sub.name, sub, page);
}

/// The pages that a text names with `.Xr`.
std::set<std::string> references_of(const std::string& page) {
  std::set<std::string> names;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find("Xr ");
    if (at == std::string::npos || !line.starts_with('.')) continue;
    std::istringstream rest(line.substr(at + 3));
    std::string name, section;
    rest >> name;
    if (name == "(") rest >> name;
    rest >> section;
    names.insert(name + "." + section);
  }
  return names;
}

std::string source() {
  return nexus::read_file(std::filesystem::path(NEXUS_SOURCE_DIR) / "man/nexusctl.1.in", 1 << 20);
}

Command sample() {
  return {
      .name = "sample",
      .summary = "show_this and that",
      .see_also = "nexus-limits(7)",
      .example = "nexusctl sample FILE\nnexusctl sample 'a b'",
      .parameters = {option("-O,--output-file", "FILE", "ws_enabled or off"), repeated_option("--tag", "TAG", "a tag"),
                     required_option("--role", "ROLE", "its role"), arguments("FILE", "files")},
      .run = [](Session&, const Values&) { return 0; }};
}

}  // namespace

TEST_CASE("every command, option and argument stands on its page as --help says it", "[cli][manual]") {
  for (const auto& group : root_command().commands)
    check_command("nexusctl " + group.name, group, group_page(group, "November 29, 2026"));
  const std::string main = main_page(root_command(), source());
  for (const auto& group : root_command().commands) {
    INFO(group.name);
    CHECK(holds(main, ".It Xr nexusctl-" + group.name + " 1\n" + mdoc_prose(group.summary)));
  }
  for (const auto& parameter : root_command().parameters) {
    INFO(parameter.name);
    CHECK(holds(main, "Fl Fl " + key_of(parameter).substr(2)));
    CHECK(holds(main, "\n" + mdoc_prose(parameter.help)));
  }
}

TEST_CASE("every page that a page names is there", "[cli][manual]") {
  std::set<std::string> pages = {"nexusctl.1", "curl.1"};  // curl is others'
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(NEXUS_SOURCE_DIR) / "man"))
    pages.insert(entry.path().filename().string());
  std::string all = main_page(root_command(), source());
  for (const auto& group : root_command().commands) {
    pages.insert("nexusctl-" + group.name + ".1");
    all += group_page(group, "November 29, 2026");
  }
  for (const auto& name : references_of(all)) {
    INFO(name);
    CHECK(pages.contains(name));
  }
  CHECK(references_of(".Pq Xr a 1\n.Xr ( b 8 ) ,\nXr c 1\n") == std::set<std::string>{"a.1", "b.8"});
}

TEST_CASE("a page as it is", "[cli][manual]") {
  CHECK(group_page(sample(), "May 1, 2026") ==
        ".\\\" Made by the build from the tree of commands: change the text of the command, not this page.\n"
        ".Dd May 1, 2026\n.Dt NEXUSCTL-SAMPLE 1\n.Os\n.Sh NAME\n.Nm nexusctl-sample\n.Nd show_this and that\n"
        ".Sh SYNOPSIS\n.Nm nexusctl sample\n.Op Fl Fl output-file Ar FILE\n.Op Fl Fl tag Ar TAG\n.No ...\n"
        ".Fl Fl role Ar ROLE\n.Ar FILE ...\n"
        ".Sh DESCRIPTION\nshow_this and that\n.Pp\nThe options and arguments are:\n.Bl -tag -width Ds\n"
        ".It Fl O , Fl Fl output-file Ar FILE\nws_enabled or off\n.It Fl Fl tag Ar TAG\na tag\n"
        ".It Fl Fl role Ar ROLE\nits role\n.It Ar FILE ...\nfiles\n.El\n"
        ".Pp\nThe options of\n.Xr nexusctl 1\nstand before or after the command.\n"
        ".Sh EXIT STATUS\nAs for\n.Xr nexusctl 1 .\n"
        ".Sh EXAMPLES\n.Dl nexusctl sample FILE\n.Dl nexusctl sample \\&\\(aqa \\&b\\(aq\n"
        ".Sh SEE ALSO\n.Xr nexusctl 1 ,\n.Xr nexus-limits 7\n");
}

TEST_CASE("texts as mdoc: what is literal is marked, and nothing is lost", "[cli][manual]") {
  CHECK(mdoc_prose("") == "");
  CHECK(mdoc_prose("One. Two\nthree.\n\nFour") == "One.\nTwo three.\n.Pp\nFour\n");
  CHECK(mdoc_prose("With --if-card, (see nexusctl-gate(1)) or -o.") ==
        "With\n.Cm \\-\\-if\\-card ,\n(see\n.Xr nexusctl-gate 1 )\nor\n.Cm \\&\\-o .\n");
  CHECK(mdoc_prose("[NEXUS_ADDR; `a No 'b'`]") == ".Ev [ NEXUS_ADDR ;\n.Ql \\&a \\&No \\&\\(aqb\\(aq ]\n");
  CHECK(mdoc_prose("'x' and .y \\ \"z\" - -- NEXUS_* ^~ it's") ==
        "\\(aqx\\(aq and .y \\e \\(dqz\\(dq - -- NEXUS_* \\(ha\\(ti it\\(aqs\n");
  CHECK(mdoc_prose(".x") == "\\&.x\n");
}

TEST_CASE("the main page has its lists where its source says", "[cli][manual]") {
  const std::string page = main_page(sample(), "\n.Dd May 1, 2026\n@COMMANDS@\n@OPTIONS@\n@SEE_ALSO@\n");
  CHECK_FALSE(holds(page, "@"));
  CHECK(date_of(page) == "May 1, 2026");
  CHECK_THROWS_WITH(main_page(sample(), "\n@COMMANDS@\n@OPTIONS@\n"), "man/nexusctl.1.in has no line @SEE_ALSO@");
  CHECK_THROWS_WITH(date_of("x"), "the page has no line .Dd");
}
