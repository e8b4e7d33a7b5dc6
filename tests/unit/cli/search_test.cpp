// What a terminal shows of a snippet.
#include "cli/commands/search.hpp"

#include "tests/catch.hpp"

namespace nexus::cli {
namespace {

TEST_CASE("found words are bold where there is colour, and stay between stars elsewhere", "[search]") {
  CHECK(highlighted("the **launch** plan, **launched**", true) ==
        "the \033[1mlaunch\033[0m plan, \033[1mlaunched\033[0m");
  CHECK(highlighted("the **launch** plan", false) == "the **launch** plan");
  CHECK(highlighted("plain", true) == "plain");
}

TEST_CASE("a snippet cannot move the cursor, nor leave the terminal bold", "[search]") {
  CHECK(highlighted("a\033[2Jb", false).find('\033') == std::string::npos);
  CHECK(highlighted("a\033[2Jb", true).find('\033') == std::string::npos);
  CHECK(highlighted("odd **stars", true) == "odd \033[1mstars\033[0m");
}

}  // namespace
}  // namespace nexus::cli
