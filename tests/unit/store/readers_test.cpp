// Snapshots: what a lease sees, what it cannot do, and that it ends.
#include <atomic>
#include <thread>

#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

TEST_CASE("a row committed after the lease was taken is not seen through it") {
  const Scratch scratch;
  Database database(notes_options(scratch));
  Lease before = database.read();
  database.writer().apply([](Tx& tx) { add_note(tx, 1); });
  CHECK(count_notes(before.reader()) == 0);
  CHECK(count_notes(database.read().reader()) == 1);
  CHECK(count_notes(before.reader()) == 0);
}

TEST_CASE("a reader cannot write") {
  const Scratch scratch;
  Database database(notes_options(scratch));
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
  Database database(notes_options(scratch));
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

TEST_CASE("a read over its time is interrupted, and the connection is good afterwards") {
  const Scratch scratch;
  auto options = notes_options(scratch);
  options.readers = 1;
  options.read_time_max = std::chrono::milliseconds(20);
  Database database(std::move(options));
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
  Database database(notes_options(scratch));
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
