// What strangers stored never drives a terminal, and a record stays one line.
#include "cli/engine/escape.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;
using nexus::Json;
using nexus::parse_own_json;

TEST_CASE("control characters become visible", "[cli][escape]") {
  CHECK(escape_controls("plain text, backslash \\ stays") == "plain text, backslash \\ stays");
  CHECK(escape_controls("\x1b[31mred") == "\\x1b[31mred");
  CHECK(escape_controls("bell\a tab\t line\n del\x7f") == "bell\\x07 tab\\x09 line\\x0a del\\x7f");
  CHECK(escape_controls(std::string("nul\0", 4)) == "nul\\x00");
  CHECK(escape_controls("c1 \xC2\x9B") == "c1 \\u009b");
  CHECK(escape_controls("override \xE2\x80\xAE") == "override \\u202e");
  CHECK(escape_controls("Grüße, 日本, 🙂") == "Grüße, 日本, 🙂");
}

TEST_CASE("invalid UTF-8 is shown byte by byte", "[cli][escape]") {
  CHECK(escape_controls("\xFF") == "\\xff");
  CHECK(escape_controls("\xC3") == "\\xc3");
  CHECK(escape_controls("\xC0\xAF") == "\\xc0\\xaf");           // overlong
  CHECK(escape_controls("\xED\xA0\x80") == "\\xed\\xa0\\x80");  // surrogate
  CHECK(escape_controls("\xF4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
}

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
