// What a shell reads is what was meant.
#include "daemon/base/shell.hpp"
#include "tests/catch.hpp"

using namespace nexus;

TEST_CASE("words for a shell", "[shell]") {
  CHECK(shell_quote("plain-1.0/a:b=c@d") == "plain-1.0/a:b=c@d");
  CHECK(shell_quote("") == "''");
  CHECK(shell_quote("a b") == "'a b'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
  CHECK(shell_quote("$(rm -rf /)`x`\"\\") == "'$(rm -rf /)`x`\"\\'");
  CHECK(shell_quote("two\nlines") == "'two\nlines'");
  CHECK(single_quoted("plain") == "'plain'");
}
