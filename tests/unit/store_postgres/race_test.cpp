// Two daemons on one database: no write passes after the switch that forbids it, and none is lost or doubled when
// connections are cut all the time. Rounds are few, and many with NEXUS_TEST_LONG.
#include <cstdlib>
#include <future>
#include <thread>

#include "databases.hpp"
#include "tests/support/relay.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;

namespace {

int rounds(int few, int many) { return std::getenv("NEXUS_TEST_LONG") != nullptr ? many : few; }

/// The switch of kDev is a row of `meta`: it is there, or not.
bool is_on(const Reader& reader) { return reader.query("SELECT 1 FROM meta WHERE key = 'switch'").next(); }

void flip(Tx& tx, bool on) {
  if (on)
    tx.run("INSERT INTO meta (key, value) VALUES ('switch', '')");
  else
    tx.run("DELETE FROM meta WHERE key = 'switch'");
  append_row(tx, kDev, on ? "on" : "off");
}

struct Leaks {
  int flips = 0, passed = 0, leaks = 0;
};

/// What the chain tells: rows that passed, and those among them that stand behind an `on` and before its `off`.
Leaks read_leaks(const Reader& reader) {
  Leaks found;
  bool on = false;
  for (const AuditRow& row : list_audit_rows_after(reader, kDev, 0, 10'000'000)) {
    if (row.action == "pass") {
      ++found.passed;
      found.leaks += on ? 1 : 0;
      continue;
    }
    ++found.flips;
    on = row.action == "on";
  }
  return found;
}

/// One daemon flips the switch, while both write. `before_lock`: the writers look at the switch before their unit.
Leaks race(int flips, bool before_lock) {
  const NewDatabase made;
  PostgresDatabase first(made.options()), second(made.options());
  std::atomic<bool> over{false};
  const auto write = [&](PostgresDatabase& database) {
    while (!over) {
      const bool seen = is_on(database.read().reader());
      database.writer().run(
          [&](Tx& tx) {
            if (!(before_lock ? seen : is_on(tx))) append_row(tx, kDev, "pass");
          },
          Realms().add(kDev));
    }
  };
  std::vector<std::thread> writers;
  for (PostgresDatabase* database : {&first, &second, &first, &second})
    writers.emplace_back([&write, database] { write(*database); });
  for (int count = 0; count < flips; ++count)
    first.writer().run([&](Tx& tx) { flip(tx, count % 2 == 0); }, Realms().add(kDev));
  over = true;
  for (auto& writer : writers) writer.join();
  CHECK(is_whole(first.read().reader(), kDev));
  return read_leaks(first.read().reader());
}

}  // namespace

TEST_CASE("no write of any daemon passes after the switch that forbids it") {
  const int flips = rounds(400, 10'000);
  const Leaks found = race(flips, false);
  CHECK(found.flips == flips);
  CHECK(found.passed > 0);
  CHECK(found.leaks == 0);
}

TEST_CASE("the control: who looks at the switch before the lock lets writes pass") {
  const Leaks found = race(rounds(400, 10'000), true);
  CHECK(found.leaks > 0);
}

TEST_CASE("cut connections lose no acknowledged write, and answer none wrongly") {
  const NewDatabase made;
  nexus::test::Relay relay(server().socket_directory(), std::chrono::microseconds(0));
  auto options = made.options();
  options.link.url = "postgresql://nexus@/" + made.name() + "?host=" + relay.socket_directory().string();
  PostgresDatabase database(options);
  PostgresDatabase witness(made.options());
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0}, applied{0};
  const auto write = [&](Realm realm) {
    for (int count = 0; !over; ++count) {
      const std::string key = std::string(realm.tenant) + std::to_string(count);
      const auto result = database.writer().run(
          [&](Tx& tx) {
            append_row(tx, realm);
            tx.run("INSERT INTO meta (key, value) VALUES (?1, '')", key);
          },
          Realms().add(realm));
      const bool is_there = witness.read().reader().query("SELECT 1 FROM meta WHERE key = ?1", key).next();
      applied += result.outcome == Outcome::applied ? 1 : 0;
      wrong += is_there != (result.outcome == Outcome::applied) ? 1 : 0;
    }
  };
  std::thread a(write, kDev), b(write, kOther);
  const int cuts = rounds(100, 1000);
  for (int count = 0; count < cuts; ++count) {
    const int before = applied;
    relay.cut();
    while (applied < before + count % 3) std::this_thread::yield();  // some in the middle of the next group
  }
  over = true;
  a.join();
  b.join();
  CHECK(wrong == 0);
  CHECK(applied > cuts / 2);
  CHECK(is_whole(witness.read().reader(), kDev));
  CHECK(is_whole(witness.read().reader(), kOther));
  CHECK(rows_of(witness.read().reader(), kDev) + rows_of(witness.read().reader(), kOther) == applied);
}
