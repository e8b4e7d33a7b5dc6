// The writer of lanes: who is answered with what, which unit is undone, and what a lost connection leaves.
#include "store/postgres/writer.hpp"

#include <future>
#include <thread>

#include "databases.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;

namespace {

struct Store {
  explicit Store(WriterLimits limits = {}) {
    auto options = made.options();
    options.writer = std::move(limits);
    database.emplace(std::move(options));
  }
  PostgresWriter& writer() { return database->writer(); }
  std::int64_t rows(Realm realm) { return rows_of(database->read().reader(), realm); }
  bool is_whole(Realm realm) { return store::test::is_whole(database->read().reader(), realm); }

  NewDatabase made;
  std::optional<PostgresDatabase> database;
};

Work work_of(Realm realm, Unit unit, Done done) {
  return {.unit = std::move(unit), .done = std::move(done), .realms = Realms().add(realm)};
}

/// Submits units of one tenant behind one that waits, so that they are one group. Returns what became of each.
std::vector<Result> run_together(PostgresWriter& writer, const std::vector<Unit>& units) {
  Gate gate;
  std::promise<void> begun;
  REQUIRE(writer.submit(work_of(
      kDev,
      [&](Tx&) {
        begun.set_value();
        gate.pass();
      },
      [](const Result&) {})));
  begun.get_future().wait();
  std::vector<std::promise<Result>> promises(units.size());
  for (std::size_t place = 0; place < units.size(); ++place)
    REQUIRE(writer.submit(
        work_of(kDev, units[place], [&, place](const Result& result) { promises[place].set_value(result); })));
  gate.open();
  std::vector<Result> results;
  for (auto& promise : promises) results.push_back(promise.get_future().get());
  return results;
}

std::string told(const Result& result) {
  try {
    if (result.error) std::rethrow_exception(result.error);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

std::vector<Outcome> outcomes_of(const std::vector<Result>& results) {
  std::vector<Outcome> outcomes;
  for (const Result& result : results) outcomes.push_back(result.outcome);
  return outcomes;
}

void put(Tx& tx, const std::string& key) { tx.run("INSERT INTO meta (key, value) VALUES (?1, '')", key); }
bool has(const Reader& reader, const std::string& key) {
  return reader.query("SELECT 1 FROM meta WHERE key = ?1", key).next();
}

}  // namespace

TEST_CASE("a unit that throws takes back its own work only") {
  Store store;
  const auto results = run_together(store.writer(), {[](Tx& tx) { append_row(tx, kDev); },
                                                     [](Tx& tx) {
                                                       append_row(tx, kDev);
                                                       throw std::runtime_error("no");
                                                     },
                                                     [](Tx& tx) { append_row(tx, kDev); }});
  CHECK(outcomes_of(results) == std::vector{Outcome::applied, Outcome::refused, Outcome::applied});
  CHECK_THROWS_WITH(std::rethrow_exception(results[1].error), "no");
  CHECK(store.rows(kDev) == 2);
  CHECK(store.is_whole(kDev));
}

TEST_CASE("a unit that throws after its writes were sent takes back its own work only") {
  Store store;
  const auto results = run_together(store.writer(), {[](Tx& tx) {
                                                       append_row(tx, kDev);
                                                       put(tx, "a");
                                                     },
                                                     [](Tx& tx) {
                                                       put(tx, "b");
                                                       append_row(tx, kDev);
                                                       CHECK(has(tx, "b"));
                                                       CHECK(rows_of(tx, kDev) == 2);
                                                       CHECK(next_audit_seq(tx, kDev) == 3);
                                                       throw std::runtime_error("no");
                                                     },
                                                     [](Tx& tx) {
                                                       append_row(tx, kDev);
                                                       put(tx, "c");
                                                     }});
  CHECK(outcomes_of(results) == std::vector{Outcome::applied, Outcome::refused, Outcome::applied});
  auto lease = store.database->read();
  CHECK(has(lease.reader(), "a"));
  CHECK_FALSE(has(lease.reader(), "b"));
  CHECK(has(lease.reader(), "c"));
  CHECK(store::test::is_whole(lease.reader(), kDev));
  CHECK(rows_of(lease.reader(), kDev) == 2);
}

TEST_CASE("a write that the server refuses fails its own unit, whoever sends it") {
  Store store;
  const Unit duplicate = [](Tx& tx) {
    append_row(tx, kDev);
    put(tx, "twice");
  };
  const Unit reads = [](Tx& tx) {
    CHECK(rows_of(tx, kDev) >= 1);
    append_row(tx, kDev);
  };
  for (const bool with_read : {false, true}) {
    store.database->writer().apply([](Tx& tx) { tx.run("DELETE FROM meta"); });
    std::vector<Unit> units{duplicate, duplicate, [](Tx& tx) { append_row(tx, kDev); }};
    if (with_read) units.push_back(reads);
    const auto results = run_together(store.writer(), units);
    for (const Result& result : results) UNSCOPED_INFO(static_cast<int>(result.outcome) << told(result));
    CHECK(results[1].outcome == Outcome::refused);
    CHECK(results[0].outcome == Outcome::applied);
    CHECK(results[1].outcome == Outcome::refused);
    CHECK(results[1].failure == Failure::constraint);
    CHECK(results[2].outcome == Outcome::applied);
    CHECK(results.back().outcome == Outcome::applied);
  }
  CHECK(store.rows(kDev) == 5);
  CHECK(store.is_whole(kDev));
}

TEST_CASE("a unit that hides a failure from the writer costs the others nothing") {
  Store store;
  const auto hides = [](Tx& tx) {
    put(tx, "first");
    CHECK(failure_of([&] { now(tx.run("INSERT INTO meta (key, value) VALUES ('first', '')")); }) != Failure::none);
  };
  const auto results =
      run_together(store.writer(), {[](Tx& tx) { append_row(tx, kDev); }, hides, [](Tx& tx) { put(tx, "last"); }});
  CHECK(outcomes_of(results) == std::vector{Outcome::applied, Outcome::not_applied, Outcome::applied});
  CHECK(store.rows(kDev) == 1);
  CHECK(has(store.database->read().reader(), "last"));
  CHECK_FALSE(has(store.database->read().reader(), "first"));
}

TEST_CASE("what a unit leaves to the end is done once, and fails its own unit") {
  Store store;
  const auto leave = [](const std::string& key) {
    return [key](Tx& tx) {
      append_row(tx, kDev);
      tx.at_group_end({.bytes = 1, .work = [key](Tx& end) { put(end, key); }});
    };
  };
  const auto results = run_together(store.writer(), {leave("a"), leave("b"), leave("a")});
  CHECK(results[0].outcome == Outcome::applied);
  CHECK(results[1].outcome == Outcome::applied);
  CHECK(results[2].outcome != Outcome::applied);
  CHECK(store.rows(kDev) == 2);
  CHECK(store.is_whole(kDev));
}

TEST_CASE("a unit that writes in a realm it did not name is undone") {
  Store store;
  const auto results = run_together(store.writer(), {[](Tx& tx) { append_row(tx, kOther); }});
  CHECK(results[0].outcome == Outcome::refused);
  CHECK(store.rows(kOther) == 0);
}

TEST_CASE("units that run twice leave what units that run once leave") {
  Store store({.rerun_one_of = 1});
  std::vector<Unit> units(8, [](Tx& tx) {
    append_row(tx, kDev);
    put(tx, "row " + std::to_string(next_audit_seq(tx, kDev)));
  });
  for (const Result& result : run_together(store.writer(), units)) CHECK(result.outcome == Outcome::applied);
  CHECK(store.rows(kDev) == 8);
  CHECK(store.is_whole(kDev));
}

TEST_CASE("the listener is told what was touched, before the answer") {
  Store store;
  std::vector<Place> told;
  store.writer().on_commit([&](const std::vector<Place>& touched) { told = touched; });
  store.writer().run([](Tx& tx) { append_row(tx, kDev); }, Realms().add(kDev));
  REQUIRE(told.size() == 1);
  CHECK(told[0].realm() == kDev);
  store.writer().on_commit({});
}

TEST_CASE("two daemons on one chain leave it whole") {
  Store store;
  PostgresDatabase other(store.made.options());
  std::vector<std::thread> threads;
  std::atomic<int> applied{0};
  for (Database* database : {static_cast<Database*>(&*store.database), static_cast<Database*>(&other)})
    for (const Realm realm : {kDev, kProd, kOther})
      threads.emplace_back([&applied, database, realm] {
        for (int count = 0; count < 100; ++count) {
          const auto result = database->writer().run([realm](Tx& tx) { append_row(tx, realm); }, Realms().add(realm));
          applied += result.outcome == Outcome::applied ? 1 : 0;
        }
      });
  for (auto& thread : threads) thread.join();
  CHECK(applied == 600);
  for (const Realm realm : {kDev, kProd, kOther}) {
    CHECK(store.is_whole(realm));
    CHECK(store.rows(realm) == 200);
  }
}

TEST_CASE("a unit that runs alone waits for all others, of other daemons too, and they wait for it") {
  Store store;
  PostgresDatabase other(store.made.options());
  Gate gate;
  std::promise<void> begun;
  std::atomic<bool> is_open{false};
  REQUIRE(store.writer().submit({.unit =
                                     [&](Tx& tx) {
                                       append_row(tx, kDev);
                                       begun.set_value();
                                       gate.pass();
                                     },
                                 .done = [](const Result&) {},
                                 .realms = Realms().add(kDev).alone()}));
  begun.get_future().wait();
  auto waits = std::async(std::launch::async, [&] {
    return other.writer().run(
        [&](Tx& tx) {
          if (!is_open) throw std::runtime_error("it did not wait");
          append_row(tx, kOther);
        },
        Realms().add(kOther));
  });
  OpenLink watcher(store.made.link());
  while (watcher.integer("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0)
    std::this_thread::yield();
  is_open = true;
  gate.open();
  CHECK(waits.get().outcome == Outcome::applied);
}

// ---- lost connections ----------------------------------------------------------------------------------------------

TEST_CASE("a connection that is lost before COMMIT costs nobody anything") {
  Store store;
  OpenLink killer;
  int runs = 0;
  const auto result = store.writer().run(
      [&](Tx& tx) {
        append_row(tx, kDev);
        if (++runs > 1) return;
        const auto pid = integer_of(tx.query("SELECT pg_backend_pid()"));
        killer.tx.query("SELECT pg_terminate_backend(CAST(?1 AS int), 10000)", pid);
      },
      Realms().add(kDev));
  CHECK(result.outcome == Outcome::applied);
  CHECK(runs == 2);
  CHECK(store.rows(kDev) == 1);
}

TEST_CASE("a unit that was refused because of what is lost is not refused") {
  Store store;
  OpenLink killer;
  int runs = 0;
  const Unit writes = [&](Tx& tx) {
    if (++runs > 1) throw std::runtime_error("not again");
    append_row(tx, kDev);
    put(tx, "taken");
  };
  const Unit wants = [&](Tx& tx) {
    append_row(tx, kDev);
    if (!has(tx, "taken")) return;
    const auto pid = integer_of(tx.query("SELECT pg_backend_pid()"));
    killer.tx.query("SELECT pg_terminate_backend(CAST(?1 AS int), 10000)", pid);
    throw std::runtime_error("it is taken");
  };
  CHECK(outcomes_of(run_together(store.writer(), {writes, wants})) == std::vector{Outcome::refused, Outcome::applied});
  CHECK(store.rows(kDev) == 1);
}

TEST_CASE("sessions that are ended all the time lose no acknowledged write, and answer none wrongly") {
  Store store;
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0}, applied{0}, unknown{0};
  const auto write = [&](Realm realm, int from) {
    for (int count = from; count < from + 150; ++count) {
      const std::string key = std::to_string(count);
      const auto result = store.writer().run(
          [&](Tx& tx) {
            append_row(tx, realm);
            put(tx, key);
          },
          Realms().add(realm));
      const bool is_there = has(store.database->read().reader(), key);
      if (result.outcome == Outcome::unknown) ++unknown;
      if (result.outcome == Outcome::applied) ++applied;
      if (is_there != (result.outcome == Outcome::applied)) ++wrong;
    }
  };
  std::thread a(write, kDev, 0), b(write, kOther, 1000);
  std::thread killing([&] {
    OpenLink killer;
    for (int kills = 0; kills < 100 && !over; ++kills) {
      // Whoever holds the lock of all writes.
      killer.tx.query(
          "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND "
          "database = (SELECT oid FROM pg_database WHERE datname = ?1) ORDER BY random() LIMIT 1",
          store.made.name());
      killer.tx.query("SELECT pg_sleep(0.005)");
    }
  });
  a.join();
  b.join();
  over = true;
  killing.join();
  CHECK(wrong == 0);
  CHECK(unknown == 0);
  CHECK(applied > 0);
  CHECK(store.is_whole(kDev));
  CHECK(store.is_whole(kOther));
  CHECK(store.rows(kDev) + store.rows(kOther) == applied);
}
