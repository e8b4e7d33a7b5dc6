// Which entity tags a conditional request names.
#include "daemon/base/etag.hpp"

#include "tests/catch.hpp"

using namespace nexus;

TEST_CASE("If-None-Match compares weakly, If-Match strongly", "[etag]") {
  const char* tag = "\"abc\"";
  for (const char* header : {"*", " * ", "\"abc\"", "\"x\", \"abc\""}) {
    INFO(header);
    CHECK(if_none_match_names(header, tag));
    CHECK(if_match_names(header, tag));
  }
  CHECK(if_none_match_names("\"x\", W/\"abc\"", tag));
  CHECK_FALSE(if_match_names("\"x\", W/\"abc\"", tag));
  for (const char* header : {"", "abc", "\"x\", \"ab\"", "\"ABC\""}) {
    INFO(header);
    CHECK_FALSE(if_none_match_names(header, tag));
    CHECK_FALSE(if_match_names(header, tag));
  }
}
