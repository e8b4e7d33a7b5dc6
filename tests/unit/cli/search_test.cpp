// What a terminal shows of a search.
#include "cli/commands/search.hpp"

#include "tests/catch.hpp"

namespace nexus::cli {
namespace {

const Shape kShape = {"id", {"id", "snippet"}};

std::string shown(const std::string& snippet, std::size_t width = 0) {
  const Json found = {{"items", {{{"id", "c1"}, {"snippet", snippet}}}}, {"next_cursor", nullptr}};
  return table_in_bold(found, kShape, {.terminal = true, .width = width, .colour = true});
}

TEST_CASE("found words are bold, and their stars are gone", "[search]") {
  const std::string text = shown("the **launch** plan, **launched**");
  CHECK(text == "ID  SNIPPET\nc1  the \033[1mlaunch\033[0m plan, \033[1mlaunched\033[0m\n");
  CHECK(shown("plain").ends_with("c1  plain\n"));
}

TEST_CASE("a snippet cannot move the cursor, nor leave the terminal bold", "[search]") {
  CHECK(shown("a\033[2Jb").find('\033') == std::string::npos);
  CHECK(shown("odd **stars").ends_with("\033[0m"));
}

TEST_CASE("no line break parts the stars of a long word", "[search]") {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "**Donaudampfschifffahrt**";
  for (std::size_t width = 20; width < 30; ++width) CHECK(shown(text, width).find('*') == std::string::npos);
}

}  // namespace
}  // namespace nexus::cli
