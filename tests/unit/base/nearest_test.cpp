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
  CHECK(nearest("prot", {"port", "put"}) == "port");
  CHECK(nearest("--prot", {"--port", "--reset"}) == "--port");
  CHECK(nearest("NEXUSD_PROT", {"NEXUSD_PORT"}) == "NEXUSD_PORT");
  CHECK(nearest("card_creat", {"card_create", "card_read"}) == "card_create");
  CHECK_FALSE(nearest("top", {"atom", "temperature"}));
  CHECK_FALSE(nearest("init", {"wait", "limits"}));
  CHECK_FALSE(nearest("NEXUSD_PROT", {"NEXUSD_BLOBS", "NEXUSD_LISTEN"}));
  CHECK_FALSE(nearest("ls", {"list", "ll"}));
  CHECK_FALSE(nearest("", {"asset"}));
  CHECK_FALSE(nearest("x", {}));
}

TEST_CASE("all that are as near as the nearest", "[nearest]") {
  using Names = std::vector<std::string>;
  const Names rotations = {"keys", "rotate-root", "rotate-signing"};
  CHECK(all_nearest("rotate", rotations) == Names{"rotate-root", "rotate-signing"});
  CHECK(all_nearest("rotate-rot", rotations) == Names{"rotate-root"});
  CHECK(all_nearest("wobble", rotations).empty());
  CHECK(either_of({}) == "");
  CHECK(either_of({"a"}) == "a");
  CHECK(either_of({"a", "b"}) == "a or b");
  CHECK(either_of({"a", "b", "c"}) == "a, b or c");
}
