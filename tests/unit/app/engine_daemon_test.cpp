// A whole daemon on a PostgreSQL of its own: what it says of the engine, what it refuses, and that it outlives a server
// that goes away.
#include <cstdlib>
#include <future>

#include "store/postgres/link.hpp"
#include "tests/catch.hpp"
#include "tests/support/client.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/relay.hpp"

namespace nexus::test {
namespace {

using Catch::Matchers::ContainsSubstring;

/// A daemon of --dev whose server the test may end.
struct Served {
  using Environment = std::vector<std::pair<std::string, std::string>>;
  /// With a standby of this name, for which commits wait, unless it is empty.
  explicit Served(const Environment& environment = {}, const std::string& standby = {})
      : daemon(options(environment, standby)) {}

  DaemonOptions options(const Environment& environment, const std::string& standby) {
    if (!standby.empty()) {
      server.begin_standby(standby);
      set("synchronous_standby_names = '" + standby + "'");
    }
    return {
        .data_dir = directory.path() / "data", .arguments = {"--database", server.url()}, .environment = environment};
  }

  TemporaryDirectory directory;
  PostgresServer server;
  DaemonProcess daemon;
  Client client{daemon.address()};
  Headers system{{"Authorization", "Bearer " + daemon.root_token()}, {"X-Reason", "a test"}};

  Answer get(const std::string& target) { return client.request("GET", target); }
  Answer write() {
    return client.request("POST", "/maybes/items",
                          {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}},
                          R"({"title":"a"})");
  }
  /// The check of /readyz?verbose; null without one.
  Json check(const std::string& name) {
    const Json checks = get("/readyz?verbose").json.at("checks");
    for (const Json& check : checks)
      if (check.at("name") == name) return check;
    return nullptr;
  }
  /// Changes a setting of the server.
  void set(const std::string& setting) {
    store::Link link({.url = server.url()});
    link.execute("ALTER SYSTEM SET " + setting);
    link.execute("SELECT pg_reload_conf()");
  }
  /// Whether the daemon logs it within 20 s.
  bool logs(const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (daemon.log().find(text) == std::string::npos)
      if (std::chrono::steady_clock::now() > deadline) return false;
    return true;
  }
  /// Asks until the status comes, for at most 20 s.
  bool becomes(const std::string& target, int status) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (get(target).status != status)
      if (std::chrono::steady_clock::now() > deadline) return false;
    return true;
  }
};

}  // namespace

TEST_CASE("a daemon on PostgreSQL names its server, and leaves out what only a file has", "[engine]") {
  Served served;
  CHECK(served.write().status == 201);
  REQUIRE(served.becomes("/readyz", 200));
  CHECK_THAT(served.check("database").at("detail").get<std::string>(), ContainsSubstring("postgresql, server "));
  CHECK(served.check("disk").is_null());
  CHECK(served.check("backup").is_null());

  const Answer metrics = served.get("/metrics");
  CHECK(metrics.status == 200);
  for (const char* family : {"nexus_wal_", "nexus_database_file_bytes", "nexus_backup_verified_age_seconds"})
    CHECK_THAT(metrics.body, !ContainsSubstring(family));
  CHECK_THAT(metrics.body, ContainsSubstring("nexus_disk_reserve_bytes 0"));

  const Answer backup = served.client.request("POST", "/backup", served.system);
  CHECK(backup.status == 409);
  CHECK(backup.code() == "backup.elsewhere");
  CHECK_THAT(backup.body, ContainsSubstring("pg_basebackup"));

  const Answer doctor = served.client.request("GET", "/doctor", served.system);
  CHECK(doctor.status == 200);
  CHECK_THAT(doctor.body, ContainsSubstring("database.server") && ContainsSubstring("one daemon serves from it: ") &&
                              ContainsSubstring(", leads)") && !ContainsSubstring("log.size"));
  CHECK(served.daemon.stop() == 0);
}

TEST_CASE("a server that goes away makes the daemon unready, and does not end it", "[engine]") {
  Served served;
  REQUIRE(served.becomes("/readyz", 200));
  served.server.crash();
  const Answer write = served.write();
  CHECK(write.status == 503);
  CHECK((write.code() == "store.busy" || write.code() == "audit.unavailable"));
  CHECK(write.header("Retry-After") == "1");
  CHECK(served.becomes("/readyz", 503));
  CHECK_THAT(served.get("/readyz").body, ContainsSubstring("not ready: the database cannot be written now"));
  CHECK_FALSE(served.check("database").at("ok").get<bool>());
  CHECK(served.get("/livez").status == 200);
  CHECK_FALSE(served.daemon.exit_status());
  // What needs no store is told now too.
  const Answer metrics = served.get("/metrics");
  CHECK(metrics.status == 200);
  CHECK_THAT(metrics.body, ContainsSubstring("nexus_ready{check=\"database\"} 0") &&
                               ContainsSubstring("nexus_http_requests_total") &&
                               !ContainsSubstring("nexus_audit_rows_total") &&
                               !ContainsSubstring("nexus_audit_checkpoint_timestamp"));
}

TEST_CASE("a server that hangs makes the daemon unready within seconds, and keeps nobody waiting then", "[engine]") {
  TemporaryDirectory directory;
  PostgresServer server;
  Relay relay(server.socket_directory(), std::chrono::microseconds(0));
  DaemonProcess daemon(
      {.data_dir = directory.path() / "data",
       .arguments = {"--database", "postgresql://nexus@/postgres?host=" + relay.socket_directory().string()}});
  Client client(daemon.address());
  const Headers in_dev{{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
  const auto becomes = [&](int status) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (client.request("GET", "/readyz").status != status)
      if (std::chrono::steady_clock::now() > deadline) return false;
    return true;
  };
  REQUIRE(client.request("GET", "/maybes/items", in_dev).status == 200);
  relay.swallow();
  CHECK(becomes(503));
  const auto read = [&] {
    const auto start = std::chrono::steady_clock::now();
    const Answer answer = client.request("GET", "/maybes/items", in_dev);
    CHECK(answer.status == 503);
    return std::chrono::steady_clock::now() - start;
  };
  std::chrono::steady_clock::duration took{};
  for (int reads = 0; reads < 5; ++reads) took = read();  // the first ones wait as long as a read may
  CHECK(took < std::chrono::milliseconds(500));
  CHECK(client.request("GET", "/metrics").status == 200);
  CHECK(client.request("GET", "/livez").status == 200);
  relay.carry();
  relay.cut();
  CHECK(becomes(200));
  CHECK(client.request("GET", "/maybes/items", in_dev).status == 200);
}

TEST_CASE("a daemon tells what its server promises of a commit, of its disk and of its clock", "[engine]") {
  Served served;
  REQUIRE(served.becomes("/readyz", 200));
  const Json check = served.check("replication");
  CHECK(check.at("ok") == true);
  CHECK(check.at("detail") == "no synchronous standby: a failover may lose acknowledged writes");
  CHECK_THAT(served.get("/metrics").body, ContainsSubstring("nexus_database_waits_for_standby 0") &&
                                              ContainsSubstring("nexus_database_standbys 0") &&
                                              ContainsSubstring("nexus_database_clock_ahead_seconds"));
  served.set("full_page_writes = off");
  CHECK(served.logs("full_page_writes off: a crash"));
  CHECK(served.logs("fsync off: a crash"));
}

TEST_CASE("a daemon that requires a standby starts, is ready and writes only while its commits wait for one",
          "[engine]") {
  const std::pair<std::string, std::string> required{"NEXUSD_STORE_REQUIRE_SYNC", "true"};
  PostgresServer server;
  try {
    TemporaryDirectory directory;
    DaemonProcess daemon(
        {.data_dir = directory.path() / "data", .arguments = {"--database", server.url()}, .environment = {required}});
    FAIL("it started");
  } catch (const std::runtime_error& error) {
    CHECK_THAT(error.what(), ContainsSubstring("store.require_sync demands it: set synchronous_standby_names there"));
  }
  Served served({required}, "other");
  CHECK(served.write().status == 201);
  REQUIRE(served.becomes("/readyz", 200));
  served.set("synchronous_standby_names = ''");
  CHECK(served.becomes("/readyz", 503));
  CHECK_THAT(served.get("/readyz").body, ContainsSubstring("not ready: the database cannot be written now"));
  const Answer refused = served.write();
  CHECK(refused.status == 503);
  CHECK(refused.code() == "audit.unavailable");
  CHECK_THAT(refused.body, ContainsSubstring("no_synchronous_standby"));
  CHECK(served.get("/livez").status == 200);
  CHECK(served.logs("no synchronous standby: a failover may lose"));
  served.set("synchronous_standby_names = 'other'");
  CHECK(served.becomes("/readyz", 200));
  CHECK(served.write().status == 201);
}

TEST_CASE("a server whose disk is full refuses changes, and takes them again when it is not", "[engine]") {
  Served served;
  CHECK(served.write().status == 201);
  store::Link link({.url = served.server.url()});
  link.execute(
      "CREATE FUNCTION be_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', "
      "MESSAGE = 'could not extend file'; END $$;"
      "CREATE TRIGGER full_disk BEFORE INSERT ON audit_rows EXECUTE FUNCTION be_full()");
  const Answer refused = served.write();
  CHECK(refused.status == 503);
  CHECK(refused.code() == "audit.unavailable");
  CHECK_THAT(refused.body, ContainsSubstring("disk_full"));
  link.execute("DROP TRIGGER full_disk ON audit_rows");
  CHECK(served.write().status == 201);
}

TEST_CASE("a role without rights is told that it lacks them, and not that the database is empty", "[engine]") {
  Served served;
  store::Link({.url = served.server.url()}).execute("CREATE ROLE stranger LOGIN");
  const std::string address =
      std::string(served.server.url()).replace(served.server.url().find("nexus@"), 5, "stranger");
  const std::string out = served.directory.path() / "said";
  for (const std::string command : {"doctor --dev --database '", "migrate --dev --to '/nowhere' --from '"}) {
    INFO(command);
    const std::string line = program("nexusd").string() + " " + command + address + "' --data-dir '";
    const bool is_doctor = command.starts_with("doctor");
    const std::string whole = is_doctor ? line + (served.directory.path() / "data").string() + "'"
                                        : program("nexusd").string() + " " + command + address + "'";
    CHECK(std::system((whole + " >" + out + " 2>&1").c_str()) != 0);
    CHECK_THAT(read_file(out, 1 << 20), ContainsSubstring("nexusd database prepare --role stranger"));
  }
}

TEST_CASE("a daemon waits for a server that has no place left, and starts when it has", "[engine]") {
  PostgresServer server({"max_connections=12", "superuser_reserved_connections=0"});
  std::vector<std::unique_ptr<store::Link>> others;
  for (int count = 0; count < 12; ++count)
    others.push_back(std::make_unique<store::Link>(store::LinkOptions{.url = server.url()}));
  auto leave = std::async(std::launch::async, [&] {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    // An attempt asks twice: the third refusal is of a second attempt.
    std::size_t refused = 0;
    while (refused < 3 && std::chrono::steady_clock::now() < deadline) {
      const std::string log = server.log();
      refused = 0;
      for (auto at = log.find("too many clients"); at != std::string::npos; at = log.find("too many clients", at + 1))
        ++refused;
    }
    others.clear();
    return refused >= 3;
  });
  TemporaryDirectory directory;
  DaemonProcess daemon({.data_dir = directory.path() / "data", .arguments = {"--database", server.url()}});
  CHECK(leave.get());
  CHECK_THAT(daemon.log(), ContainsSubstring("lets nobody in now: trying again"));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a daemon serves under a role that cannot rewrite the audit log", "[engine]") {
  PostgresServer server;
  { store::Link({.url = server.url()}).execute("CREATE ROLE serving LOGIN"); }
  std::string address = server.url();
  address.replace(address.find("nexus@"), 6, "serving@");
  TemporaryDirectory directory;
  const DaemonOptions options{.data_dir = directory.path() / "data", .arguments = {"--database", address}};
  try {
    DaemonProcess daemon(options);
    FAIL("it started");
  } catch (const std::runtime_error& error) {
    CHECK_THAT(error.what(), ContainsSubstring("run nexusd database prepare --role serving as the owner"));
  }
  const std::string prepare = program("nexusd").string() + " database prepare --role serving --database '" +
                              server.url() + "' >" + (directory.path() / "said").string();
  REQUIRE(std::system(prepare.c_str()) == 0);

  DaemonProcess daemon(options);
  Client client(daemon.address());
  const Headers mine{{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
  const Headers system{{"Authorization", "Bearer " + daemon.root_token()}, {"X-Reason", "a test"}};
  const Answer made = client.request("POST", "/maybes/items", mine, R"({"title":"a"})");
  REQUIRE(made.status == 201);
  const std::string item = "/maybes/items/" + made.json.at("item_id").get<std::string>();
  CHECK(client.request("PATCH", item, mine, R"({"title":"b"})").status == 200);
  CHECK(client.request("POST", "/audit/checkpoint", mine).status < 300);
  CHECK(client.request("DELETE", item, mine).status < 300);
  const Answer doctor = client.request("GET", "/doctor", system);
  CHECK_THAT(doctor.body, ContainsSubstring("the role serving cannot change or delete audit rows") &&
                              !ContainsSubstring("database.rights"));
  CHECK(daemon.stop() == 0);
}

}  // namespace nexus::test
