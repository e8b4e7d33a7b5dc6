// The tests' own tools: a daemon that starts, speaks and ends, and a client that reports what it saw.
#include <csignal>

#include "tests/catch.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"

using namespace nexus::test;

TEST_CASE("a daemon is ready when its constructor returns, and ends with status 0") {
  DaemonProcess daemon;
  Client client(daemon.address());
  const Answer answer = client.request("GET", "/livez");
  REQUIRE(answer.status == 200);
  CHECK(!answer.header("x-request-id").empty());
  CHECK(daemon.root_token().starts_with("nxr_"));
  CHECK(daemon.log().find("listen=") != std::string::npos);
  CHECK(daemon.stop() == 0);
  CHECK(client.request("GET", "/livez").status == 0);
}

TEST_CASE("a daemon that cannot start is reported with its log") {
  CHECK_THROWS_WITH(DaemonProcess({.arguments = {"--no-such-flag"}}), Catch::Matchers::Contains("no-such-flag"));
}

TEST_CASE("a killed daemon comes back on its data directory") {
  const TemporaryDirectory directory;
  std::string root;
  {
    DaemonProcess daemon({.data_dir = directory.path() / "data"});
    root = daemon.root_token();
    daemon.kill();
    CHECK(daemon.exit_status() == 128 + SIGKILL);
  }
  const DaemonProcess daemon({.data_dir = directory.path() / "data"});
  CHECK(daemon.root_token() == root);
}

TEST_CASE("raw bytes reach the daemon as they are") {
  const DaemonProcess daemon;
  const Answer answer = parse_answer(raw_exchange(daemon.port(), "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  CHECK(answer.status == 501);
  CHECK(answer.code() == "request.method_unknown");
}
