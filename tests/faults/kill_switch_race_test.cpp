// The third promise: no write commits after the answer to the kill switch that forbids it. Clients write without a
// pause while a switch goes off and on; the audit log, whose order is that of the commits, tells who passed when.
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/faults/race.hpp"

using namespace nexus::test;

namespace {

Headers in_dev(const DaemonProcess& daemon) {
  return {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
}

/// The seq of the audit row that switched the actions.
std::int64_t put_switch(Client& client, const DaemonProcess& daemon, const std::string& actions) {
  const Answer answer =
      client.request("PUT", "/kill-switches", in_dev(daemon), R"({"disabled_actions":)" + actions + "}");
  REQUIRE(answer.status == 200);
  return std::stoll(answer.header("nexus-audit-seq"));
}

}  // namespace

TEST_CASE("no write passes between a kill switch and its lifting", "[race]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  const int races = races_to_run();
  std::vector<Window> windows;
  {
    const RacingDaemons daemons(loaded(data));
    const DaemonProcess& daemon = daemons.forbidding();
    Client client(daemon.address());
    Writers writers(daemons.writing(), {"/nexus/raw/presign-upload", in_dev(daemon), R"({"filename":"a.txt"})"}, 4);
    for (int i = 0; i < races; ++i) {
      const int seen = writers.passed;
      const std::int64_t off = put_switch(client, daemon, R"(["raw_presign"])");
      windows.push_back({off, put_switch(client, daemon, "[]")});
      writers.wait_for_more_than(seen);
    }
    CHECK(writers.passed > races);
    CHECK(writers.blocked > 0);
    CHECK(writers.others == 0);
  }
  CHECK(find_leaks(data, kPresigned, windows) == std::vector<std::string>{});
  CHECK(verify(data) == std::vector<std::string>{});
  // The control: a window that begins one row before a row that passed has a leak.
  const Window before_first_on{windows.front().on, windows.back().off};
  CHECK(find_leaks(data, kPresigned, {before_first_on}).size() == 1);
}
