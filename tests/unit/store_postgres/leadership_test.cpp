// Which of several daemons on one database leads, and that a leader whose time is over writes nothing. Each daemon has
// a clock of its own, and beats when the test says so: one that does not is frozen.
#include <future>

#include "databases.hpp"
#include "store/housekeeper.hpp"

namespace nexus::store::test {
namespace {

/// A daemon of one database.
struct Fellow {
  explicit Fellow(const NewDatabase& made, std::string id, Micros& time) : database(options_of(made, id, time)) {}

  static PostgresOptions options_of(const NewDatabase& made, std::string id, Micros& time) {
    PostgresOptions options = made.options();
    options.serving = Serving{.daemon_id = std::move(id),
                              .host = "host",
                              .version = "1",
                              .every = std::chrono::milliseconds(0),
                              .now = [&time] { return time; }};
    return options;
  }
  std::optional<std::int64_t> term() const { return database.leadership().term(); }
  void beat() { database.beat()->beat(); }
  /// Writes one row to the audit log under the fence of `term`. Returns whether that was applied.
  bool writes(std::optional<std::int64_t> term) {
    const Result result = database.writer().run(
        as_leader(database.leadership(), term, [](Tx& tx) { append_row(tx, kDev); }), Realms().add(kDev));
    return result.outcome == Outcome::applied;
  }

  PostgresDatabase database;
};

std::vector<std::string> ids_of(const std::vector<Daemon>& daemons) {
  std::vector<std::string> ids;
  for (const Daemon& daemon : daemons) ids.push_back(daemon.daemon_id);
  return ids;
}

}  // namespace

TEST_CASE("one of two daemons leads, and the other one when the first is silent") {
  const NewDatabase made;
  Micros time = kHour;
  Fellow a(made, "a", time), b(made, "b", time);
  CHECK(a.term() == 1);
  CHECK_FALSE(b.term());
  time += 7 * kSecond;
  a.beat();
  time += 7 * kSecond;
  b.beat();
  CHECK(a.term() == 1);
  CHECK_FALSE(b.term());

  time += kLeaseTime + 1;  // a is frozen
  CHECK_FALSE(a.term());
  b.beat();
  CHECK(b.term() == 2);
  a.beat();
  CHECK_FALSE(a.term());
  CHECK(find_lease(b.database.read().reader())->daemon_id == "b");
}

TEST_CASE("a lease that ran out and that nobody took goes on with its term") {
  const NewDatabase made;
  Micros time = kHour;
  Fellow a(made, "a", time);
  time += kMinute;
  CHECK_FALSE(a.term());
  a.beat();
  CHECK(a.term() == 1);
}

TEST_CASE("a daemon that stops gives the lease back, and its row") {
  const NewDatabase made;
  Micros time = kHour;
  auto a = std::make_unique<Fellow>(made, "a", time);
  Fellow b(made, "b", time);
  a->beat();
  CHECK(a->database.leadership().daemons() == 2);
  a.reset();
  b.beat();
  CHECK(b.term() == 2);
  CHECK(b.database.leadership().daemons() == 1);
  CHECK(ids_of(list_daemons(b.database.read().reader())) == std::vector<std::string>{"b"});
}

TEST_CASE("daemons count those that were seen, and what the others wrote") {
  const NewDatabase made;
  Micros time = kHour;
  Fellow a(made, "a", time), b(made, "b", time);
  a.beat();
  CHECK(a.database.leadership().daemons() == 2);
  const auto heard = a.database.leadership().applied_elsewhere();
  for (int count = 0; count < 3; ++count) b.database.writer().apply([](Tx& tx) { append_row(tx, kDev); });
  b.beat();
  a.beat();
  CHECK(a.database.leadership().applied_elsewhere() == heard + 3);
  time += kSilent + 1;
  a.beat();
  CHECK(a.database.leadership().daemons() == 1);
  CHECK(a.database.leadership().applied_elsewhere() == heard + 3);
  CHECK(ids_of(list_daemons(a.database.read().reader())) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("what a leader writes when its time is over is undone") {
  const NewDatabase made;
  Micros time = kHour, time_of_a = kHour;
  Fellow a(made, "a", time_of_a), b(made, "b", time);
  const auto term = a.term();
  REQUIRE(a.writes(term));
  time += kLeaseTime + 1;
  b.beat();
  REQUIRE(a.term() == term);  // a's clock stands still: it was frozen and does not know yet
  CHECK_FALSE(a.writes(term));
  CHECK(b.writes(b.term()));
  CHECK(rows_of(b.database.read().reader(), kDev) == 2);
  // The control: without the fence it writes.
  a.database.writer().apply([](Tx& tx) { append_row(tx, kDev); });
  CHECK(rows_of(b.database.read().reader(), kDev) == 3);
  CHECK_THROWS_AS(as_leader(b.database.leadership(), std::nullopt, [](Tx&) {}), NotLeader);
}

TEST_CASE("a term begins when the units of the last one have ended") {
  const NewDatabase made;
  Micros time = kHour, time_of_a = kHour;
  Fellow a(made, "a", time_of_a), b(made, "b", time);
  std::promise<void> begun, may_end;
  Unit slow = as_leader(a.database.leadership(), a.term(), [&](Tx& tx) {
    append_row(tx, kDev);
    begun.set_value();
    may_end.get_future().wait();
  });
  auto written = std::async(std::launch::async, [&] { return a.database.writer().run(slow, Realms().add(kDev)); });
  begun.get_future().wait();
  time += kLeaseTime + 1;
  auto taken = std::async(std::launch::async, [&] { b.beat(); });
  OpenLink watcher(made.link());
  while (watcher.integer("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0)
    std::this_thread::yield();
  CHECK_FALSE(b.term());
  may_end.set_value();
  CHECK(written.get().outcome == Outcome::applied);
  taken.get();
  CHECK(b.term() == 2);
  CHECK_FALSE(a.writes(1));
}

TEST_CASE("only the leader keeps house, and a step ends with its term") {
  const NewDatabase made;
  Micros time = kHour, time_of_a = kHour;
  Fellow a(made, "a", time_of_a), b(made, "b", time);
  const auto left = [&] {
    return integer_of(b.database.read().reader().query("SELECT count(*) FROM meta WHERE key = 'x'"));
  };
  a.database.writer().apply([](Tx& tx) { tx.run("INSERT INTO meta (key, value) VALUES ('x', '')"); });
  Pace pace;
  int failures = 0;
  std::function<void()> before_write = [] {};
  const auto keeper_of = [&](Fellow& daemon) {
    return std::make_unique<Housekeeper>(
        daemon.database, pace,
        std::vector<Job>{{"x", [&](const Reader&) { return left(); },
                          [&](Stint& stint) {
                            before_write();
                            stint.write([](Tx& tx) { tx.run("DELETE FROM meta WHERE key = 'x'"); }, Realms::every());
                            return false;
                          }}},
        [&](std::string_view, const std::exception&) { ++failures; });
  };
  const auto run = [&](Fellow& daemon) {
    const auto keeper = keeper_of(daemon);
    keeper->ask();
    keeper->run();
  };
  run(b);
  CHECK(left() == 1);
  before_write = [&] {  // b begins a term while a's step is under way
    time += kLeaseTime + 1;
    b.beat();
  };
  run(a);
  CHECK(left() == 1);
  before_write = [] {};
  run(b);
  CHECK(left() == 0);
  CHECK(failures == 0);
}

TEST_CASE("a beat makes its connection anew") {
  const NewDatabase made;
  Micros time = kHour;
  Fellow a(made, "a", time);
  OpenLink killer;
  killer.integer("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = '" +
                 made.name() + "'");
  time += 5 * kSecond;
  a.beat();
  time += 5 * kSecond;
  CHECK(a.term() == 1);
}

TEST_CASE("a daemon beats by itself") {
  const NewDatabase made;
  PostgresOptions options = made.options();
  options.serving = Serving{.daemon_id = "a", .host = "h", .version = "1", .every = std::chrono::milliseconds(1)};
  PostgresDatabase database(std::move(options));
  const auto seen = [&] { return list_daemons(database.read().reader()).at(0).seen_at; };
  const Micros before = seen();
  while (seen() == before) std::this_thread::yield();
  CHECK(database.leadership().term() == 1);
}

}  // namespace nexus::store::test
