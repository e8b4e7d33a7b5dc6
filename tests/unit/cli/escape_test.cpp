// What strangers stored never drives a terminal, and a record stays one line.
#include "cli/engine/escape.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;
using nexus::Json;
using nexus::parse_own_json;

TEST_CASE("a terminal gets no sequence but the colours that nexusctl itself uses", "[cli][escape]") {
  CHECK(safe_on_terminal("plain \\ text\n\tGrüße\n") == "plain \\ text\n\tGrüße\n");
  CHECK(safe_on_terminal("\x1b[32mPASS\x1b[0m \x1b[1mbold\x1b[0m") == "\x1b[32mPASS\x1b[0m \x1b[1mbold\x1b[0m");
  CHECK(safe_on_terminal("\x1b[2J\x1b[8mhidden\x1b") == "\\x1b[2J\\x1b[8mhidden\\x1b");
  CHECK(safe_on_terminal("\x1b\x1b[31mred") == "\\x1b\x1b[31mred");
  CHECK(safe_on_terminal("c1 \xC2\x9B, cr \r, \xFF") == "c1 \\u009b, cr \\x0d, \\xff");
  CHECK(safe_on_terminal("") == "");
}

TEST_CASE("a tab-separated field is one line and reversible", "[cli][escape]") {
  CHECK(escape_tsv("a\tb\nc\\d\re") == "a\\tb\\nc\\\\d\\re");
  CHECK(escape_tsv("\x1b") == "\\x1b");
  CHECK(escape_tsv("") == "");
}

TEST_CASE("JSON text holds no raw control, and means the same", "[cli][escape]") {
  const Json value = {{"a", "x\x1b\x7f\xC2\x9By"}, {"b", Json::array({1, true, nullptr})}};
  const std::string text = json_text(value);
  CHECK(text == "{\"a\":\"x\\u001b\\u007f\\u009by\",\"b\":[1,true,null]}");
  CHECK(parse_own_json(text) == value);
  CHECK(json_text({{"k", 1}}, 2) == "{\n  \"k\": 1\n}");
}
