// Which known name a misspelt one is near to.
#include "daemon/base/nearest.hpp"
#include "tests/catch.hpp"

using namespace nexus;

TEST_CASE("the nearest name, when one is near", "[nearest]") {
  CHECK(nearest("tenat", {"tenant", "token"}) == "tenant");
  CHECK(nearest("max_stream", {"listen", "max_streams"}) == "max_streams");
  CHECK(nearest("upload_bytes", {"log.level", "limits.upload_bytes"}) == "limits.upload_bytes");
  CHECK(nearest("ADDRESS", {"ADDR", "ENV"}) == "ADDR");
  CHECK(nearest("list", {"list", "lists"}) == "list");
  CHECK_FALSE(nearest("nosuch", {"asset", "audit"}));
  CHECK_FALSE(nearest("USER", {"ADDR", "ENV"}));
  CHECK_FALSE(nearest("", {"asset"}));
  CHECK_FALSE(nearest("x", {}));
}
