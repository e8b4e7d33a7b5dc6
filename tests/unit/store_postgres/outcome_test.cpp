// What a writer answers when the connection is lost in a COMMIT, or the COMMIT was not as safe as configured.
#include <fstream>
#include <future>
#include <thread>

#include "databases.hpp"
#include "store/events.hpp"
#include "store/postgres/outcome.hpp"
#include "tests/support/daemon_process.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;

namespace {

domain::Event some_event() {
  domain::Event event;
  event.tenant_id = kDev.tenant;
  event.env = kDev.env;
  event.event_id = event.surface = event.actor_id = event.actor_type = event.event_type = "x";
  event.trace_id = event.request_id = event.input = event.output = event.metadata = "{}";
  return event;
}

/// A server of its own, whose COMMITs wait for a standby that never comes once make_wait() was called.
struct Waiting {
  explicit Waiting(std::chrono::milliseconds outcome_time = std::chrono::seconds(20),
                   std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    auto options = made.options();
    options.lanes = 1;
    options.outcome_time = outcome_time;
    options.link.patience = patience;
    options.link.password_file = password.path() / "password";
    write_password();
    database.emplace(std::move(options));
  }

  void set_standbys(const std::string& names) {
    control.link.execute("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'");
    control.tx.query("SELECT pg_reload_conf()");
    until("SELECT count(*) FROM pg_settings WHERE name = 'synchronous_standby_names' AND setting = '" + names + "'");
    while (!names.empty() && !is_waited_for()) {
    }
  }
  /// Whether a COMMIT waits. Sessions know of the setting sooner than the server's checkpointer, which has it followed.
  bool is_waited_for() {
    auto probe = std::async(std::launch::async, [this] {
      OpenLink session({.url = alone.url(made.name())});
      return failure_of([&] { session.link.execute("SELECT pg_logical_emit_message(true, 'test', '')"); });
    });
    while (probe.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
      control.integer("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    return probe.get() != Failure::none;
  }
  /// The session whose COMMIT waits.
  std::int64_t waiting() {
    const std::string pids = " FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    until("SELECT count(*)" + pids);
    return control.integer("SELECT pid" + pids);
  }
  /// A minute is a failure.
  void until(const std::string& sql) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (control.integer(sql) == 0)
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it never came true: " + sql);
  }
  void tell(const std::string& function, std::int64_t pid) {
    control.tx.query("SELECT " + function + "(CAST(?1 AS int))", pid);
  }
  std::future<Result> write(std::atomic<int>& attempts) {
    return std::async(std::launch::async, [this, &attempts] {
      return database->writer().run(
          [&](Tx& tx) {
            ++attempts;
            append_row(tx, kDev);
            tx.run("INSERT INTO meta (key, value) VALUES ('written', '')");
          },
          Realms().add(kDev));
    });
  }
  /// Writes no audit row, so that the transaction's number alone can tell.
  std::future<Result> write_event(std::atomic<int>& attempts) {
    return std::async(std::launch::async, [this, &attempts] {
      return database->writer().run(
          [&](Tx& tx) {
            ++attempts;
            append_event(tx, some_event());
          },
          Realms().add(kDev));
    });
  }
  std::int64_t events() { return control.integer("SELECT count(*) FROM events"); }
  void write_password() { std::ofstream(password.path() / "password") << "of no use\n"; }
  void lose_password() { std::filesystem::remove(password.path() / "password"); }
  std::int64_t rows() { return rows_of(database->read().reader(), kDev); }

  nexus::test::TemporaryDirectory password;
  nexus::test::PostgresServer alone;
  NewDatabase made{alone};
  OpenLink control{{.url = alone.url(made.name()) + "&options=-csynchronous_commit%3Dlocal"}};
  std::optional<PostgresDatabase> database;
  std::atomic<int> runs{0};
};

}  // namespace

TEST_CASE("a COMMIT that was done and lost its answer is applied") {
  Waiting server;
  server.set_standbys("absent");
  auto result = server.write(server.runs);
  server.tell("pg_terminate_backend", server.waiting());
  server.set_standbys("");
  CHECK(result.get().outcome == Outcome::applied);
  CHECK(server.runs == 1);
  CHECK(server.rows() == 1);
}

TEST_CASE("streams are told of a COMMIT that was done and lost its answer") {
  Waiting server;
  std::vector<Place> told;
  server.database->writer().on_commit([&](const std::vector<Place>& places) { told = places; });
  server.set_standbys("absent");
  auto result = server.write(server.runs);
  server.tell("pg_terminate_backend", server.waiting());
  server.set_standbys("");
  CHECK(result.get().outcome == Outcome::applied);
  REQUIRE(told.size() == 1);
  CHECK(told.front().realm() == kDev);
}

TEST_CASE("a COMMIT that was done here and lost its answer is not applied as long as the standby has not taken it") {
  Waiting server(std::chrono::milliseconds(300), std::chrono::seconds(2));
  server.set_standbys("absent");
  auto result = server.write(server.runs);
  server.tell("pg_terminate_backend", server.waiting());
  CHECK(result.get().outcome == Outcome::unknown);
  CHECK(server.runs == 1);
  server.set_standbys("");
}

TEST_CASE("what writes no audit row is done once, too, when a COMMIT lost its answer") {
  Waiting server;
  server.set_standbys("absent");
  auto result = server.write_event(server.runs);
  server.tell("pg_terminate_backend", server.waiting());
  server.set_standbys("");
  CHECK(result.get().outcome == Outcome::applied);
  CHECK(server.runs == 1);
  CHECK(server.events() == 1);
}

TEST_CASE("a COMMIT that lost its answer is no failure because nobody can connect just now") {
  Waiting server(std::chrono::milliseconds(300));
  server.set_standbys("absent");
  auto result = server.write(server.runs);
  const auto waiting = server.waiting();
  server.lose_password();
  server.tell("pg_terminate_backend", waiting);
  CHECK(result.get().outcome == Outcome::unknown);
  server.set_standbys("");
}

TEST_CASE("the control: such a COMMIT looks like one that was not done") {
  Waiting server;
  server.set_standbys("absent");
  OpenLink open(server.made.link());
  auto failure = std::async(std::launch::async, [&] {
    open.session.begin(Isolation::read_committed);
    open.tx.run("INSERT INTO meta (key, value) VALUES ('written', '')");
    return failure_of([&] { open.session.commit(); });
  });
  server.tell("pg_terminate_backend", server.waiting());
  CHECK(failure.get() == Failure::unreachable);
  CHECK(server.control.integer("SELECT count(*) FROM meta WHERE key = 'written'") == 1);
  server.set_standbys("");
}

TEST_CASE("a COMMIT that was not done and lost its answer is done once") {
  Waiting server;
  server.control.link.execute(
      "CREATE TABLE slow (i bigint); INSERT INTO slow VALUES (1);"
      "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF EXISTS (SELECT 1 FROM slow) THEN PERFORM pg_sleep(60); END IF; RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON meta DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION wait()");
  auto result = server.write(server.runs);
  const std::string pids = " FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
  server.until("SELECT count(*)" + pids);
  server.control.link.execute("DELETE FROM slow");
  server.tell("pg_terminate_backend", server.control.integer("SELECT pid" + pids));
  CHECK(result.get().outcome == Outcome::applied);
  CHECK(server.runs == 2);
  CHECK(server.rows() == 1);
}

TEST_CASE("a lost COMMIT that was done has no known outcome where a standby is demanded and none is there") {
  const NewDatabase made;
  { PostgresDatabase migrated(made.options()); }
  OpenLink link(made.link());
  link.session.begin(Isolation::read_committed);
  append_row(link.tx, kDev);
  const std::string number = first(link.tx.query("SELECT CAST(pg_current_xact_id() AS text)"), only_text).value();
  link.session.commit();
  CHECK(was_committed(link.session, {number}));  // the control
  try {
    was_committed(link.session, {number}, Standby::demanded);
    FAIL("it is taken for safe");
  } catch (const Error& error) {
    CHECK(error.failure == Failure::unreplicated);
  }
}

TEST_CASE("a COMMIT whose wait for the standby was cancelled has no known outcome") {
  Waiting server;
  server.set_standbys("absent");
  auto result = server.write(server.runs);
  server.tell("pg_cancel_backend", server.waiting());
  CHECK(result.get().outcome == Outcome::unknown);
  server.set_standbys("");
  CHECK(server.database->writer().run([](Tx& tx) { append_row(tx, kDev); }, Realms().add(kDev)).outcome ==
        Outcome::applied);
}

TEST_CASE("a COMMIT whose server is gone for too long has no known outcome, and what comes then is not applied") {
  Waiting server(std::chrono::milliseconds(300));
  CHECK(server.database->not_ready().empty());
  server.set_standbys("absent");
  auto result = server.write(server.runs);
  server.waiting();
  server.alone.crash();
  CHECK(result.get().outcome == Outcome::unknown);
  const Result next = server.database->writer().run([](Tx& tx) { append_row(tx, kDev); }, Realms().add(kDev));
  CHECK(next.outcome == Outcome::not_applied);
  CHECK(next.failure == Failure::unreachable);
  CHECK_FALSE(server.database->not_ready().empty());
  CHECK(failure_of([&] { server.database->read(); }) == Failure::unreachable);
}
