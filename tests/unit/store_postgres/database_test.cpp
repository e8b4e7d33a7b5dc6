// How a database is opened: migrated once, by one daemon at a time, and refused when it is not ours.
#include <condition_variable>
#include <future>
#include <thread>

#include "databases.hpp"
#include "store/postgres/service_lock.hpp"
#include "store/sqlite/migrations.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a new database is migrated, and found as it is the next time") {
  const NewDatabase made;
  const int newest = postgres_migrations().back().version;
  {
    PostgresDatabase first(made.options());
    CHECK(first.migrated().version_before == 0);
    CHECK(first.migrated().version_after == newest);
  }
  PostgresDatabase second(made.options());
  CHECK(second.migrated().version_before == newest);
}

TEST_CASE("the engines have as many migrations") {
  CHECK(postgres_migrations().back().version == embedded_migrations().back().version);
}

TEST_CASE("of daemons that start at once, one migrates") {
  const NewDatabase made;
  std::atomic<int> migrated{0}, opened{0};
  std::vector<std::thread> daemons;
  for (int count = 0; count < 4; ++count)
    daemons.emplace_back([&] {
      PostgresDatabase database(made.options());
      migrated += database.migrated().version_before == 0 ? 1 : 0;
      ++opened;
    });
  for (auto& daemon : daemons) daemon.join();
  CHECK(opened == 4);
  CHECK(migrated == 1);
}

TEST_CASE("a database of something else, of a newer program and of other scripts is refused") {
  const NewDatabase made;
  Link link(made.link());
  SECTION("foreign") {
    link.execute("CREATE TABLE other (i bigint)");
    CHECK_THROWS_WITH(PostgresDatabase(made.options()), ContainsSubstring("a database or a schema of its own"));
    CHECK_THROWS_AS(PostgresDatabase(made.options()), SchemaError);
    link.execute("DROP TABLE other");
  }
  PostgresDatabase(made.options());
  SECTION("newer") {
    link.execute("INSERT INTO schema_migrations VALUES (9999, 'later', '', 0)");
    CHECK_THROWS_WITH(PostgresDatabase(made.options()), ContainsSubstring("newer nexusd (schema 9999"));
  }
  SECTION("other scripts") {
    link.execute("UPDATE schema_migrations SET sha256 = 'other' WHERE version = 43");
    CHECK_THROWS_WITH(PostgresDatabase(made.options()), ContainsSubstring("0043_base is not the one"));
  }
}

TEST_CASE("a script that fails changes nothing") {
  const NewDatabase made;
  const Migration migrations[] = {{1, "one", "CREATE TABLE one (i bigint)"},
                                  {2, "two", "CREATE TABLE two (i bigint); SELECT 1 / 0"}};
  Link link(made.link());
  CHECK_THROWS_WITH(migrate(link, migrations), ContainsSubstring("migration 0002_two failed"));
  CHECK(migrate(link, std::span(migrations).first(1)).version_before == 0);
  CHECK(migrate(link, std::span(migrations).first(1)).version_before == 1);
}

TEST_CASE("what runs at the opening is committed, or nothing of it") {
  const NewDatabase made;
  auto options = made.options();
  options.on_open = [](Tx& tx) {
    append_row(tx, kDev);
    throw std::runtime_error("no");
  };
  CHECK_THROWS_AS(PostgresDatabase(std::move(options)), std::runtime_error);
  options = made.options();
  options.on_open = [](Tx& tx) { append_row(tx, kDev); };
  PostgresDatabase database(std::move(options));
  CHECK(rows_of(database.read().reader(), kDev) == 1);
}

TEST_CASE("a lease is one snapshot, and reads alone") {
  const NewDatabase made;
  PostgresDatabase database(made.options());
  {
    Lease lease = database.read();
    CHECK(rows_of(lease.reader(), kDev) == 0);
    database.writer().apply([](Tx& tx) { append_row(tx, kDev); });
    CHECK(rows_of(lease.reader(), kDev) == 0);
    CHECK(failure_of([&] { lease.reader().query("INSERT INTO meta VALUES ('a', 'b') RETURNING key"); }) ==
          Failure::read_only);
  }
  CHECK(rows_of(database.read().reader(), kDev) == 1);
}

TEST_CASE("a read that takes too long is interrupted, and the connection serves the next") {
  const NewDatabase made;
  auto options = made.options();
  options.read_time_max = std::chrono::milliseconds(50);
  options.readers = 1;
  PostgresDatabase database(std::move(options));
  CHECK(failure_of([&] { database.read().reader().query("SELECT pg_sleep(60)"); }) == Failure::interrupted);
  CHECK(rows_of(database.read().reader(), kDev) == 0);
}

TEST_CASE("what the server finds corrupt is known from then on, whoever met it") {
  const NewDatabase made;
  for (const bool writes : {false, true}) {
    PostgresDatabase database(made.options());
    Link(made.link())
        .execute(
            "CREATE OR REPLACE FUNCTION meet(state text) RETURNS bigint LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = state; END $$");
    const auto meet = [&](const std::string& state) {
      if (writes) return database.writer().run([&](Tx& tx) { tx.query("SELECT meet(?1)", state); }).failure;
      return failure_of([&] { database.read().reader().query("SELECT meet(?1)", state); });
    };
    CHECK(meet("53100") == Failure::full);
    CHECK_FALSE(database.is_damaged());
    CHECK(meet("XX001") == Failure::corrupt);
    CHECK(database.is_damaged());
  }
}

TEST_CASE("a lost connection is made anew by the next lease") {
  const NewDatabase made;
  auto options = made.options();
  options.readers = 1;
  PostgresDatabase database(std::move(options));
  const auto backend_of = [](const Reader& reader) { return integer_of(reader.query("SELECT pg_backend_pid()")); };
  OpenLink killer;
  const auto before = backend_of(database.read().reader());
  REQUIRE(integer_of(killer.tx.query("SELECT pg_terminate_backend(CAST(?1 AS int), 10000)", before)) == 1);
  const auto after = backend_of(database.read().reader());
  CHECK(after != before);
  {
    Lease lease = database.read();
    REQUIRE(integer_of(killer.tx.query("SELECT pg_terminate_backend(CAST(?1 AS int), 10000)", after)) == 1);
    CHECK(failure_of([&] { rows_of(lease.reader(), kDev); }) == Failure::unreachable);
  }
  CHECK(rows_of(database.read().reader(), kDev) == 0);
}

TEST_CASE("who needs a database alone waits for the daemons that serve from it, and they for it") {
  const NewDatabase made;
  const auto soon = std::chrono::milliseconds(50);
  auto first = std::make_unique<ServiceLock>(made.link(), Service::shared);
  auto second = std::make_unique<ServiceLock>(made.link(), Service::shared, soon);
  CHECK_THROWS_WITH(ServiceLock(made.link(), Service::alone, soon),
                    ContainsSubstring("a nexusd serves from this database"));
  OpenLink watcher(made.link());
  auto command =
      std::async(std::launch::async, [&] { return std::make_unique<ServiceLock>(made.link(), Service::alone); });
  while (watcher.integer("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0)
    std::this_thread::yield();
  first.reset();
  second.reset();
  const auto alone = command.get();
  CHECK_THROWS_WITH(ServiceLock(made.link(), Service::shared, soon),
                    ContainsSubstring("a command of nexusd uses this database alone"));
}

TEST_CASE("after a lost connection, a daemon sees whether what it committed is still there") {
  const NewDatabase made;
  PostgresDatabase database(made.options());
  Link other(made.link());
  std::mutex mutex;
  std::condition_variable heard;
  int connections = 0;
  database.bell()->listen({.missed = [&] {
    const std::lock_guard lock(mutex);
    ++connections;
    heard.notify_all();
  }});
  const auto connected = [&](int times) {
    std::unique_lock lock(mutex);
    return heard.wait_for(lock, std::chrono::seconds(20), [&] { return connections >= times; });
  };
  REQUIRE(connected(1));
  database.writer().apply([](Tx& tx) {
    append_row(tx, kDev);
    append_row(tx, kOther);
  });
  const auto first = database.new_history();
  REQUIRE(first);
  CHECK(!first->lost);
  CHECK_FALSE(database.new_history());
  bool is_lost = false;
  SECTION("all is there") {}
  SECTION("a row is gone") {
    other.execute("DELETE FROM audit_rows WHERE tenant_id = 't_b'");
    is_lost = true;
  }
  SECTION("another row stands in its place") {
    other.execute("UPDATE audit_rows SET hash = 'another' WHERE tenant_id = 't_b'");
    is_lost = true;
  }
  int before = 0;
  {
    const std::lock_guard lock(mutex);
    before = connections;
  }
  other.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
      "AND pid <> pg_backend_pid()");
  REQUIRE(connected(before + 1));
  const auto second = database.new_history();
  database.bell()->listen({});
  REQUIRE(second);
  CHECK(second->timeline == first->timeline);
  CHECK(second->lost == (is_lost ? std::optional(Place{"t_b", "dev"}) : std::nullopt));
}
