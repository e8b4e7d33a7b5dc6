// A daemon that serves under a role of its own, as `nexusd database prepare` makes it: what removes and erases works
// under it, by retention, by deletion and by an erasure from the audit log. The server refuses that role every other
// change of an audit row.
#include <cstdlib>

#include "daemon/base/clock.hpp"
#include "store/postgres/link.hpp"
#include "tests/catch.hpp"
#include "tests/faults/fleet.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/postgres_server.hpp"

using namespace nexus::test;

namespace {

constexpr int kTurns = 3;  // turns of a memory session whose events are past their days

/// A database that its owner prepared for the role `serving`, and what its daemon has been told.
struct Prepared {
  Prepared() {
    owner.execute("CREATE ROLE serving LOGIN");
    const std::string prepare =
        program("nexusd").string() + " database prepare --role serving --database '" + server.url() + "' >/dev/null";
    if (std::system(prepare.c_str()) != 0) throw std::runtime_error("the owner could not prepare the database");
    give_database(serving, data);
  }
  std::string refusal(const std::string& statement) const {
    try {
      nexus::store::Link({.url = serving}).execute(statement);
      return {};
    } catch (const nexus::store::Error& error) {
      return error.what();
    }
  }

  PostgresServer server;
  nexus::store::Link owner{{.url = server.url()}};
  const std::string serving = std::string(server.url()).replace(server.url().find("nexus@"), 5, "serving");
  TemporaryDirectory directory;
  const std::filesystem::path data = directory.path() / "data";
};

/// A daemon on it, and its owner of t_dev.
struct Served {
  explicit Served(const Prepared& prepared) : daemon(options(prepared)) {}
  static DaemonOptions options(const Prepared& prepared) {
    DaemonOptions options = loaded(prepared.data);
    options.environment.emplace_back("NEXUSD_RETENTION_EVENTS_DAYS", "7");
    return options;
  }
  Answer call(const std::string& method, const std::string& target, const std::string& body = {}) {
    return client.request(method, target,
                          {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}},
                          body);
  }
  /// The receipt's number of a turn in the memory session.
  std::string say(const std::string& session, const std::string& content) {
    const Answer said = call("POST", "/nexus/memory/session/" + session + "/turn",
                             nexus::to_text({{"role", "user"}, {"content", content}}));
    REQUIRE(said.status == 201);
    return said.header("nexus-audit-seq");
  }
  /// The details of an act, which somebody has erased from the audit log.
  Answer erase(const std::string& seq) { return call("POST", "/audit/" + seq + "/erase", R"({"reason":"privacy"})"); }

  DaemonProcess daemon;
  Client client{daemon.address()};
};

}  // namespace

TEST_CASE("under a serving role retention, deletions and erasures work, and the log verifies", "[fleet]") {
  if (!is_on_postgres()) return;
  Prepared prepared;
  {
    Served served(prepared);
    for (int i = 0; i < kTurns; ++i) served.say("kept", "old");
    REQUIRE(served.daemon.stop() == 0);
  }
  prepared.owner.execute("UPDATE events SET created_at = created_at - " + std::to_string(8 * nexus::kDay));
  Served served(prepared);
  await_count(prepared.data, "SELECT CAST(count(*) = 0 AS int) FROM events");
  const std::string seq = served.say("gone", "a secret of somebody's");
  CHECK(served.call("DELETE", "/nexus/memory/session/gone").status < 300);
  await_count(prepared.data, "SELECT CAST(count(*) = 0 AS int) FROM memory_turns WHERE session_id = 'gone'");
  CHECK(served.erase(seq).status == 200);
  CHECK(served.call("GET", "/audit/" + seq).json.at("details").is_null());
  CHECK(served.call("GET", "/audit/verify").json.at("ok") == true);
  CHECK(count(prepared.data, "SELECT count(*) FROM memory_turns") == kTurns);
  for (const char* statement : {"UPDATE audit_rows SET body = '{}'", "UPDATE audit_rows SET hash = 'x', details = NULL",
                                "DELETE FROM audit_rows", "TRUNCATE audit_rows"})
    CHECK_THAT(prepared.refusal(statement), Catch::Matchers::ContainsSubstring("42501"));
}

TEST_CASE("the control: without what the preparation grants an erasure is refused, and changes nothing", "[fleet]") {
  if (!is_on_postgres()) return;
  Prepared prepared;
  Served served(prepared);
  const std::string seq = served.say("s", "a secret of somebody's");
  prepared.owner.execute("REVOKE UPDATE (details) ON audit_rows FROM serving");
  CHECK(served.erase(seq).status == 503);
  CHECK_FALSE(served.call("GET", "/audit/" + seq).json.at("details").is_null());
  prepared.owner.execute("GRANT UPDATE (details) ON audit_rows TO serving");
  CHECK(served.erase(seq).status == 200);
}
