// Snapshots: what a lease sees, what it cannot do, and that it ends.
#include <atomic>
#include <future>
#include <thread>

#include "daemon/base/patient_thread.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

/// Leases a snapshot; whether it is another one than that of the lease before.
bool is_new(Readers& readers) {
  bool asked = false;
  Lease lease = readers.lease();
  lease.reader().once([&asked] {
    asked = true;
    return std::optional<std::int64_t>(1);
  });
  return asked;
}

/// A file, one connection that writes, and a pool of readers without a Writer: what ends a kept snapshot is called by
/// the test alone.
struct Pool {
  explicit Pool(std::size_t count) : readers({.path = scratch.database()}, count, std::chrono::milliseconds(2000)) {}
  void commit() { connection.execute("INSERT INTO notes(text) VALUES(hex(randomblob(8)))"); }
  /// Whether no reader keeps the log from being emptied.
  bool empties_log() {
    connection.execute("PRAGMA busy_timeout=0");
    return Reader(connection).query("PRAGMA wal_checkpoint(TRUNCATE)").next() && is_log_empty();
  }
  bool is_log_empty() const { return std::filesystem::file_size(scratch.database().string() + "-wal") == 0; }

  Scratch scratch;
  Connection connection{{.path = scratch.database()}};
  MigrationReport migrated = migrate(connection, kNotes);
  Readers readers;
};

}  // namespace

TEST_CASE("a row committed after the lease was taken is not seen through it") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  Lease before = database.read();
  database.writer().apply([](Tx& tx) { add_note(tx, 1); });
  CHECK(count_notes(before.reader()) == 0);
  CHECK(count_notes(database.read().reader()) == 1);
  CHECK(count_notes(before.reader()) == 0);
}

TEST_CASE("a reader cannot write") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  Lease lease = database.read();
  try {
    lease.reader().query("INSERT INTO notes VALUES(1, 'x')").next();
    FAIL("a reader wrote");
  } catch (const Error& error) {
    CHECK(error.failure == Failure::read_only);
  }
  CHECK(count_notes(lease.reader()) == 0);
}

TEST_CASE("a lease waits while all connections are out, and goes on when one comes back") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  std::optional<Lease> first(database.read());
  Lease second = database.read();
  std::atomic<bool> got = false;
  std::thread third([&] {
    Lease lease = database.read();
    got = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  CHECK_FALSE(got);
  first.reset();
  third.join();
  CHECK(got);
}

TEST_CASE("threads that may wait leave one reader to those that may not") {
  Pool pool(2);
  Gate first_holds, end;
  std::atomic<bool> tries = false, got = false;
  std::thread first([&] {
    nexus::thread_is_patient = true;
    Lease lease = pool.readers.lease();
    first_holds.open();
    end.pass();
  });
  first_holds.pass();
  std::thread second([&] {
    nexus::thread_is_patient = true;
    tries = true;
    Lease lease = pool.readers.lease();
    got = true;
    end.pass();
  });
  while (!tries) std::this_thread::yield();
  auto mine = std::async(std::launch::async, [&] {
    for (int i = 0; i < 2000; ++i) pool.readers.lease();
  });
  const bool finds_one = mine.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  CHECK(finds_one);
  CHECK_FALSE(got);
  end.open();
  first.join();
  second.join();
  mine.wait();
  CHECK(got);
}

TEST_CASE("a read over its time is interrupted, and the connection is good afterwards") {
  const Scratch scratch;
  auto options = notes_options(scratch);
  options.readers = 1;
  options.read_time_max = std::chrono::milliseconds(20);
  SqliteDatabase database(std::move(options));
  try {
    database.read()
        .reader()
        .query("WITH RECURSIVE n(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM n) SELECT max(x) FROM n")
        .next();
    FAIL("an endless query ended");
  } catch (const Error& error) {
    CHECK(error.failure == Failure::interrupted);
  }
  CHECK(count_notes(database.read().reader()) == 0);
}

TEST_CASE("readers see whole transactions while the writer writes") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  std::atomic<bool> stop = false;
  std::atomic<int> odd = 0;
  std::thread reader([&] {
    while (!stop) {
      if (count_notes(database.read().reader()) % 2 != 0) ++odd;
    }
  });
  for (int id = 1; id < 400; id += 2) {
    database.writer().apply([id](Tx& tx) {
      add_note(tx, id);
      add_note(tx, id + 1);
    });
  }
  stop = true;
  reader.join();
  CHECK(odd == 0);
}

TEST_CASE("a snapshot is leased again while nothing was committed") {
  const Scratch scratch;
  auto options = notes_options(scratch);
  options.readers = 1;
  options.wal.idle = std::chrono::hours(1);
  SqliteDatabase database(std::move(options));
  const auto count_snapshots = [&database] {
    int snapshots = 0;
    for (int i = 0; i < 100; ++i)
      database.read().reader().once([&snapshots] {
        ++snapshots;
        return std::optional<std::int64_t>();
      });
    return snapshots;
  };
  constexpr int few = 3;  // a new one may be due meanwhile
  CHECK(count_snapshots() <= few);
  database.writer().apply([](Tx& tx) { count_notes(tx); });
  CHECK(count_snapshots() <= few);
  database.writer().apply([](Tx& tx) { add_note(tx, 2); });
  const int after_commit = count_snapshots();
  CHECK(after_commit >= 1);
  CHECK(after_commit <= few);
}

TEST_CASE("whoever reads after a write was answered sees it, on every thread") {
  const Scratch scratch;
  auto options = notes_options(scratch);
  options.readers = 4;
  options.wal.checkpoint_pages = 10;
  SqliteDatabase database(std::move(options));
  std::atomic<std::int64_t> answered = 0;
  std::atomic<int> missed = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      while (!stop) {
        const std::int64_t id = answered;
        if (id > 0 && !has_note(database.read().reader(), id)) ++missed;
      }
    });
  for (std::int64_t id = 1; id <= 1500; ++id) {
    database.writer().apply([id](Tx& tx) { add_note(tx, id); });
    answered = id;
    if (!has_note(database.read().reader(), id)) ++missed;
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  CHECK(missed == 0);
}

TEST_CASE("what another connection commits is seen by the next lease") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  Connection other({.path = scratch.database()});
  for (std::int64_t id = 1; id <= 100; ++id) {
    Tx tx(other);
    add_note(tx, id);
    REQUIRE(has_note(database.read().reader(), id));
    REQUIRE(count_notes(database.read().reader()) == id);
  }
}

TEST_CASE("a commit that begins the log anew ends a kept snapshot, though the log is as long as before") {
  Pool pool(1);
  const auto count = [&pool] { return count_notes(pool.readers.lease().reader()); };
  for (std::int64_t round = 1; round <= 50; ++round) {
    INFO("round " << round);
    pool.commit();
    REQUIRE(is_new(pool.readers));
    REQUIRE(count() == round);
    pool.readers.make_way(true);
    // All of it is copied, so the next commit writes from the log's beginning.
    REQUIRE(Reader(pool.connection).query("PRAGMA wal_checkpoint(PASSIVE)").next());
    pool.readers.make_way(false);
    REQUIRE(is_new(pool.readers));
    REQUIRE_FALSE(is_new(pool.readers));  // it is kept until the next commit
    REQUIRE(count() == round);
  }
}

TEST_CASE("a kept snapshot ends when a checkpoint waits") {
  Pool pool(2);
  pool.commit();
  CHECK(is_new(pool.readers));
  CHECK_FALSE(is_new(pool.readers));
  CHECK_FALSE(pool.empties_log());  // the control: a kept snapshot holds the log
  pool.readers.make_way(true);
  CHECK(is_new(pool.readers));
  CHECK(is_new(pool.readers));  // nothing is kept while it waits
  CHECK(pool.empties_log());
  pool.readers.make_way(false);
  CHECK(is_new(pool.readers));
  CHECK_FALSE(is_new(pool.readers));
}

TEST_CASE("a snapshot that was leased before or during a checkpoint ends with its lease") {
  Pool pool(2);
  pool.commit();
  {
    Lease before = pool.readers.lease();
    pool.readers.make_way(true);
    Lease during = pool.readers.lease();
    pool.readers.make_way(false);
    CHECK_FALSE(pool.empties_log());
  }
  CHECK(pool.empties_log());
}

TEST_CASE("a snapshot is kept for two seconds at most, leased or not") {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds most{2};
  Pool pool(1);
  pool.commit();
  const auto start = Clock::now();
  REQUIRE(is_new(pool.readers));
  SECTION("it is leased without a pause") {
    while (!is_new(pool.readers)) REQUIRE(Clock::now() < start + most);
  }
  SECTION("nobody asks any more") {
    CHECK_FALSE(pool.empties_log());
    do {
      REQUIRE(Clock::now() < start + most);
      pool.readers.tidy();
    } while (!pool.empties_log());
  }
  CHECK(Clock::now() - start > std::chrono::milliseconds(900));  // it was kept
}

TEST_CASE("readers without a pause do not keep an idle log from being emptied") {
  const Scratch scratch;
  auto options = notes_options(scratch);
  options.readers = 4;
  options.wal.idle = std::chrono::milliseconds(5);
  SqliteDatabase database(std::move(options));
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      while (!stop) count_notes(database.read().reader());
    });
  const auto log_bytes = [&] { return std::filesystem::file_size(scratch.database().string() + "-wal"); };
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int emptied = 0;
  for (std::int64_t id = 1; id <= 5; ++id) {
    database.writer().apply([id](Tx& tx) { add_note(tx, id); });
    while (log_bytes() > 0 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    if (log_bytes() == 0) ++emptied;
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  CHECK(emptied == 5);
}
