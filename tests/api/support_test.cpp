// The tests' own tools: a daemon that starts, speaks and ends, and a client that reports what it saw.
#include <csignal>

#include "tests/api/audit_watch.hpp"
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
  CHECK_THROWS_WITH(DaemonProcess({.arguments = {"--no-such-flag"}}),
                    Catch::Matchers::ContainsSubstring("no-such-flag"));
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

TEST_CASE("a row without an answer and a receipt without a row are complained of") {
  DaemonProcess daemon;
  Client client(daemon.address());
  const Headers headers = {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
  const auto presign = [&] {
    return client.request("POST", "/nexus/raw/presign-upload", headers, R"({"filename":"a.txt"})");
  };
  AuditWatch watch;
  watch.saw(presign());
  CHECK(watch.complaints(daemon.data_dir()) == std::vector<std::string>{});
  presign();
  CHECK(watch.complaints(daemon.data_dir()).size() == 1);
  watch.saw({.status = 200, .headers = {{"Nexus-Audit-Hash", "of no row"}}, .body = {}, .json = {}, .error = {}});
  CHECK(watch.complaints(daemon.data_dir()).size() == 1);
}
