// Connections: how they are made, what they set, how they are lost, what the server says beside its answers.
#include "store/postgres/link.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "support.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A variable of the environment, until the end of the scope.
class SetVariable {
 public:
  SetVariable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~SetVariable() { ::unsetenv(name_); }
  SetVariable(const SetVariable&) = delete;
  SetVariable& operator=(const SetVariable&) = delete;

 private:
  const char* name_;
};

std::string setting(OpenLink& open, const std::string& name) {
  Query query = open.tx.query("SELECT current_setting(?1)", name);
  REQUIRE(query.next());
  return query.text(0);
}

std::int64_t backend(OpenLink& open) { return open.integer("SELECT pg_backend_pid()"); }

// Other threads use these two, and Catch2's macros are for one thread: they throw.

void terminate(OpenLink& killer, std::int64_t pid) {
  if (integer_of(killer.tx.query("SELECT pg_terminate_backend(CAST(?1 AS int), 10000)", pid)) == 0)
    throw std::runtime_error("a session was not ended");
}

/// Until another session waits as `sql`, which gets its number, tells. A minute is a failure.
void await(OpenLink& watcher, const std::string& sql, std::int64_t pid) {
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);;) {
    if (integer_of(watcher.tx.query(sql, pid)) > 0) return;
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("a session does not wait: " + sql);
    std::this_thread::yield();
  }
}

constexpr const char* kWaitsFor = "SELECT count(*) FROM pg_stat_activity WHERE pid = ?1 AND wait_event = ";

}  // namespace

TEST_CASE("a connection has the settings of the house") {
  OpenLink open;
  CHECK(setting(open, "application_name") == "nexusd");
  CHECK(setting(open, "client_encoding") == "UTF8");
  CHECK(setting(open, "idle_in_transaction_session_timeout") == "2s");
  CHECK(setting(open, "lock_timeout") == "5s");
  CHECK(setting(open, "max_parallel_workers_per_gather") == "0");
  CHECK(setting(open, "jit") == "off");
}

TEST_CASE("the address overrides what may be chosen") {
  OpenLink open({.url = server().url() + "&application_name=other&client_encoding=LATIN1"});
  CHECK(setting(open, "application_name") == "other");
  CHECK(setting(open, "client_encoding") == "UTF8");
}

TEST_CASE("libpq's environment and service file say what the address does not") {
  const nexus::test::TemporaryDirectory directory;
  const auto services = directory.path() / "services";
  std::ofstream(services) << "[nexus]\nhost=" << server().socket_directory().string()
                          << "\nuser=nexus\ndbname=template1\n";
  const SetVariable file("PGSERVICEFILE", services);
  OpenLink by_service({.url = "postgresql://?service=nexus"});
  Query database = by_service.tx.query("SELECT current_database()");
  REQUIRE(database.next());
  CHECK(database.text(0) == "template1");
  CHECK(failure_of([] { Link({.url = "postgresql://?service=unknown"}); }) == Failure::unreachable);

  const SetVariable host("PGHOST", server().socket_directory()), user("PGUSER", "nexus"), name("PGAPPNAME", "mine");
  OpenLink by_environment({.url = "postgresql:///postgres"});
  CHECK(setting(by_environment, "application_name") == "mine");
}

TEST_CASE("an address that libpq does not understand is refused without its password") {
  for (const char* url : {"postgresql://u:secret@h:1?wrong", "postgresql://u:secret@[h", "secret", "secret=1"}) {
    INFO(url);
    CHECK_THROWS_AS(Link({.url = url}), SchemaError);
    CHECK_THROWS_WITH(Link({.url = url}), !ContainsSubstring("secret") && ContainsSubstring("postgresql://"));
  }
}

TEST_CASE("a server that is not there is unreachable") {
  CHECK(failure_of([] { Link({.url = "postgresql:///postgres?host=/nowhere"}); }) == Failure::unreachable);
}

TEST_CASE("an old server, and a database in another encoding, are refused in one line") {
  CHECK_THROWS_WITH(require_usable_server(140012, "UTF8"),
                    ContainsSubstring("PostgreSQL 14") && ContainsSubstring("use PostgreSQL 15"));
  CHECK_NOTHROW(require_usable_server(150000, "UTF8"));
  CHECK_NOTHROW(require_usable_server(180001, "UTF8"));
  OpenLink open;
  open.link.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
  CHECK_THROWS_WITH(Link({.url = server().url("latin")}), ContainsSubstring("LATIN1") && ContainsSubstring("UTF8"));
  CHECK_THROWS_AS(Link({.url = server().url("latin")}), SchemaError);
}

TEST_CASE("the password comes from a file, and its end of line does not count") {
  nexus::test::PostgresServer guarded;
  {
    OpenLink open({.url = guarded.url()});
    open.link.execute("SET password_encryption = 'scram-sha-256'; CREATE ROLE keeper LOGIN PASSWORD 'se cret'");
    open.link.execute(
        "CREATE TEMP TABLE rules (line text);"
        "DO $$ BEGIN EXECUTE format('COPY (SELECT ''local all keeper scram-sha-256'' UNION ALL SELECT ''local all all "
        "trust'') TO %L', current_setting('hba_file')); END $$; SELECT pg_reload_conf()");
  }
  std::string url = guarded.url();
  url.replace(url.find("nexus@"), 6, "keeper@");
  const nexus::test::TemporaryDirectory directory;
  const auto file = directory.path() / "password";
  std::ofstream(file) << "se cret\n";
  // The server reads its rules anew on its own time: until then everybody is let in.
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);;) {
    if (failure_of([&] { Link({.url = url}); }) == Failure::unreachable) break;
    REQUIRE(std::chrono::steady_clock::now() < end);
  }
  CHECK_NOTHROW(Link({.url = url, .password_file = file}));
  std::ofstream(file) << "wrong\n";
  CHECK(failure_of([&] { Link({.url = url, .password_file = file}); }) == Failure::unreachable);
  CHECK_THROWS_AS(Link({.url = url, .password_file = directory.path() / "none"}), SchemaError);
}

TEST_CASE("a session that the server ended while idle is unreachable") {
  OpenLink open, killer;
  terminate(killer, backend(open));
  CHECK(failure_of([&] { open.integer("SELECT 1"); }) == Failure::unreachable);
  CHECK(open.link.lost());
  CHECK(failure_of([&] { open.integer("SELECT 1"); }) == Failure::unreachable);
  CHECK(failure_of([&] { open.link.execute("SELECT 1"); }) == Failure::unreachable);
  open.session.rollback();
}

TEST_CASE("a session that the server ends while it works is unreachable at once") {
  // The reason is the server's, not that the socket was closed.
  OpenLink open, killer;
  const auto pid = backend(open);
  open.session.begin(Isolation::read_committed);
  open.session.run("SELECT 1", {});
  auto other = std::async(std::launch::async, [&] {
    await(killer, std::string(kWaitsFor) + "'PgSleep'", pid);
    terminate(killer, pid);
  });
  CHECK_THROWS_WITH(open.tx.query("SELECT pg_sleep(60)"), ContainsSubstring("57P01: terminating connection"));
  other.get();
  CHECK(open.link.lost());
}

TEST_CASE("a server that crashes is unreachable") {
  nexus::test::PostgresServer doomed;
  OpenLink open({.url = doomed.url()});
  doomed.crash();
  CHECK(failure_of([&] { open.integer("SELECT 1"); }) == Failure::unreachable);
  CHECK(failure_of([&] { OpenLink({.url = doomed.url()}); }) == Failure::unreachable);
}

TEST_CASE("an answer that does not come in time ends the wait and the connection") {
  OpenLink open;
  open.link.set_patience(std::chrono::milliseconds(100));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(failure_of([&] { open.tx.query("SELECT pg_sleep(60)"); }) == Failure::interrupted);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
  CHECK(open.link.lost());
}

TEST_CASE("a statement that the server interrupts leaves the connection") {
  OpenLink open;
  open.link.execute("SET statement_timeout = 50");
  CHECK(failure_of([&] { open.tx.query("SELECT pg_sleep(60)"); }) == Failure::interrupted);
  CHECK(open.integer("SELECT 1") == 1);
}

TEST_CASE("a lock that another session holds is busy, after lock_wait") {
  LinkOptions options = link_options();
  options.lock_wait = std::chrono::milliseconds(50);
  OpenLink holder, waiter(options);
  holder.link.execute("CREATE TABLE held (i bigint)");
  holder.session.begin(Isolation::read_committed);
  now(holder.tx.run("LOCK TABLE held"));
  CHECK(failure_of([&] { waiter.integer("SELECT count(*) FROM held"); }) == Failure::busy);
  holder.session.rollback();
  CHECK(waiter.integer("SELECT count(*) FROM held") == 0);
  holder.link.execute("DROP TABLE held");
}

TEST_CASE("a session that does nothing inside a transaction is ended by the server") {
  LinkOptions options = link_options();
  options.idle_in_transaction = std::chrono::milliseconds(20);
  OpenLink idle(options), watcher;
  const auto pid = backend(idle);
  idle.session.begin(Isolation::read_committed);
  CHECK(idle.integer("SELECT 1") == 1);
  await(watcher, "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = ?1) THEN 0 ELSE 1 END", pid);
  CHECK(failure_of([&] { idle.session.commit(); }) == Failure::unreachable);
}

TEST_CASE("notices of a round trip are kept until the next") {
  OpenLink open;
  open.link.execute("DO $$ BEGIN RAISE WARNING 'one % of it', 'line'; END $$");
  REQUIRE(open.link.notices().size() == 1);
  CHECK(open.link.notices()[0].state == "01000");
  CHECK(open.link.notices()[0].text == "one line of it");
  open.integer("SELECT 1");
  CHECK(open.link.notices().empty());
}

TEST_CASE("a COMMIT whose wait for a standby was cancelled is not as safe as configured") {
  nexus::test::PostgresServer alone({"synchronous_standby_names=absent"});
  const LinkOptions options{.url = alone.url()};
  OpenLink open(options), other(options);
  other.link.execute("SET synchronous_commit = local");
  other.link.execute("CREATE TABLE kept (i bigint)");
  const auto pid = backend(open);
  open.session.begin(Isolation::read_committed);
  open.session.run("INSERT INTO kept VALUES (1)", {});
  auto canceller = std::async(std::launch::async, [&] {
    await(other, std::string(kWaitsFor) + "'SyncRep'", pid);
    other.tx.query("SELECT pg_cancel_backend(CAST(?1 AS int))", pid);
  });
  CHECK(open.session.commit() == Committed::here_alone);
  canceller.get();
  CHECK(other.integer("SELECT count(*) FROM kept") == 1);
  other.session.begin(Isolation::read_committed);
  other.session.run("INSERT INTO kept VALUES (2)", {});
  CHECK(other.session.commit() == Committed::as_configured);
}

TEST_CASE("a script takes many statements, and one that fails leaves the connection") {
  OpenLink open;
  const auto before = open.link.round_trips();
  open.link.execute("CREATE TEMP TABLE a (i bigint); INSERT INTO a VALUES (1), (2); ;");
  CHECK(open.link.round_trips() == before + 1);
  CHECK(open.integer("SELECT count(*) FROM a") == 2);
  CHECK(failure_of([&] { open.link.execute("INSERT INTO a VALUES (3); SELECT 1 / 0; DROP TABLE a"); }) ==
        Failure::other);
  CHECK(open.integer("SELECT count(*) FROM a") == 2);
}

TEST_CASE("COPY, which no statement of the store uses, is refused and never hangs") {
  OpenLink open;
  CHECK(failure_of([&] { now(open.tx.run("COPY pg_class TO STDOUT")); }) != Failure::none);
}
