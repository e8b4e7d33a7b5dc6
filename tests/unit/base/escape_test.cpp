// What strangers wrote never drives a terminal.
#include "daemon/base/escape.hpp"

#include "tests/catch.hpp"

using nexus::escape_controls;

TEST_CASE("control characters become visible", "[escape]") {
  CHECK(escape_controls("plain text, backslash \\ stays") == "plain text, backslash \\ stays");
  CHECK(escape_controls("\x1b[31mred") == "\\x1b[31mred");
  CHECK(escape_controls("bell\a tab\t line\n del\x7f") == "bell\\x07 tab\\x09 line\\x0a del\\x7f");
  CHECK(escape_controls(std::string("nul\0", 4)) == "nul\\x00");
  CHECK(escape_controls("c1 \xC2\x9B") == "c1 \\u009b");
  CHECK(escape_controls("override \xE2\x80\xAE") == "override \\u202e");
  CHECK(escape_controls("Grüße, 日本, 🙂") == "Grüße, 日本, 🙂");
}

TEST_CASE("invalid UTF-8 is shown byte by byte", "[escape]") {
  CHECK(escape_controls("\xFF") == "\\xff");
  CHECK(escape_controls("\xC3") == "\\xc3");
  CHECK(escape_controls("\xC0\xAF") == "\\xc0\\xaf");           // overlong
  CHECK(escape_controls("\xED\xA0\x80") == "\\xed\\xa0\\x80");  // surrogate
  CHECK(escape_controls("\xF4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
}
