// A store that moved to PostgreSQL, as clients see it: tokens, cursors and receipts from before are good after, and the
// log is verified there. The daemon is the same program on the same data directory.
#include <sys/wait.h>

#include <cstdlib>

#include "tests/catch.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::test {
namespace {

/// Runs a program of ours. Returns its exit status.
int run(const std::string& words) {
  const std::size_t name = words.find(' ');
  const int raw =
      std::system((program(words.substr(0, name)).string() + words.substr(name) + " >/dev/null 2>&1").c_str());
  return WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
}

std::string quoted(const std::string& text) { return "'" + text + "'"; }

}  // namespace

TEST_CASE("tokens, cursors, receipts and repeats from before a move to PostgreSQL are good after it", "[move]") {
  if (is_on_postgres()) return;  // the daemons of the test begin there
  const TemporaryDirectory directory;
  const PostgresServer server;
  const std::filesystem::path data = directory.path() / "data";
  const std::string moving = "nexusd migrate --dev --from " + quoted(data.string()) + " --to " + quoted(server.url());
  Headers headers = {{"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
  Headers repeated = {{"Idempotency-Key", "once"}};
  std::string cursor, second, seq, hash;
  Answer first;
  {
    DaemonProcess daemon({.data_dir = data});
    Client client(daemon.address());
    headers.emplace_back("Authorization", "Bearer " + daemon.token());
    repeated.insert(repeated.end(), headers.begin(), headers.end());
    for (const char* title : {"a", "b", "c"})
      REQUIRE(client.request("POST", "/maybes/items", headers, Json{{"title", title}}.dump()).status == 201);
    first = client.request("POST", "/maybes/items", repeated, R"({"title":"d"})");
    REQUIRE(first.status == 201);
    seq = first.header("nexus-audit-seq");
    hash = first.header("nexus-audit-hash");
    const Answer page = client.request("GET", "/maybes/items?limit=2", headers);
    cursor = page.json.at("next_cursor");
    second = client.request("GET", "/maybes/items?limit=2&cursor=" + cursor, headers).body;
    REQUIRE(run(moving) != 0);  // while the daemon runs
    REQUIRE(daemon.stop() == 0);
  }
  REQUIRE(run(moving) == 0);
  CHECK(run("nexusctl audit verify --database " + quoted(server.url())) == 0);
  CHECK(run("nexusd migrate --dev --data-dir " + quoted(data.string())) == 2);
  CHECK(run("nexusd backup create --data-dir " + quoted(data.string()) + " " +
            quoted((directory.path() / "a.tar").string())) == 2);
  {
    DaemonProcess daemon({.data_dir = data, .arguments = {"--database", server.url()}});
    Client client(daemon.address());
    CHECK(client.request("GET", "/maybes/items?limit=2&cursor=" + cursor, headers).body == second);
    const Answer again = client.request("POST", "/maybes/items", repeated, R"({"title":"d"})");
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    const Answer row = client.request("GET", "/audit/" + seq, headers);
    CHECK(row.json.at("hash") == hash);
    CHECK(client.request("GET", "/audit/verify", headers).json.at("ok") == true);
    CHECK(client.request("POST", "/maybes/items", headers, R"({"title":"e"})").status == 201);
    CHECK(daemon.stop() == 0);
  }
  CHECK(run("nexusctl audit verify --database " + quoted(server.url())) == 0);
}

}  // namespace nexus::test
