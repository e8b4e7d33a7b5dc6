// Under audit.reserve of free space only what refuses or stops things is written. The reserve is set above what any
// disk of a test machine has free, so that the daemon starts short of space.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {
constexpr const char* kAction = "raw_presign";
}

TEST_CASE("short of disk, changes are refused while reads, refusals and kill switches go on", "[audit][gates]") {
  if (skipped_on_postgres("the disk that could be full is the server's")) return;
  World world({.environment = {{"NEXUSD_AUDIT_RESERVE", "1TiB"}}});
  const Headers dev = World::in(world.dev(), "t_dev");
  const Json wish = {{"filename", "a.txt"}};

  const Answer refused = world.call("POST", "/nexus/raw/presign-upload", dev, wish);
  CHECK(outcome(refused) == "503 audit.unavailable");
  CHECK(refused.header("Retry-After") != "");
  CHECK(world.call("GET", "/nexus/raw", dev).json.at("items").empty());
  CHECK(world.call("GET", "/readyz").status == 503);

  const Answer stopped = world.call("PUT", "/kill-switches", dev, Json{{"disabled_actions", {kAction}}});
  CHECK(stopped.status == 200);
  CHECK(stopped.header("Nexus-Audit-Seq") == "1");
  const Answer blocked = world.call("POST", "/nexus/raw/presign-upload", dev, wish);
  CHECK(outcome(blocked) == "403 kill_switch_blocked");
  CHECK(blocked.header("Nexus-Audit-Seq") == "2");
}
