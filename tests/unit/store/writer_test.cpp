// The one writer: groups, savepoints, who is answered when and with what.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

struct OpenWriter {
  explicit OpenWriter(WriterLimits limits = {}, WalLimits wal = {}) {
    auto options = notes_options(scratch);
    options.writer = limits;
    options.wal = wal;
    database.emplace(std::move(options));
  }
  SqliteWriter& writer() { return database->writer(); }
  /// Lets the writer go on, and waits until it has run all.
  void end(Gate& gate) {
    gate.open();
    writer().stop();
  }
  std::int64_t count() { return count_notes(database->read().reader()); }

  Scratch scratch;
  std::optional<SqliteDatabase> database;
};

void ignore(const Result&) {}

/// Waits until the writer stands at `gate` (its unit was taken, so the queue is empty).
void hold(SqliteWriter& writer, Gate& gate) {
  REQUIRE(writer.submit([&gate](Tx&) { gate.pass(); }, ignore));
  while (writer.stats().queue_units != 0) std::this_thread::yield();
}

}  // namespace

TEST_CASE("a unit that throws takes back its own work only") {
  OpenWriter open;
  Gate gate;
  hold(open.writer(), gate);
  std::vector<Outcome> outcomes(3);
  for (int i = 0; i < 3; ++i) {
    open.writer().submit(
        [i](Tx& tx) {
          add_note(tx, i);
          if (i == 1) throw std::runtime_error("no");
        },
        [&outcomes, i](const Result& result) { outcomes[static_cast<std::size_t>(i)] = result.outcome; });
  }
  open.end(gate);
  CHECK(outcomes == std::vector{Outcome::applied, Outcome::refused, Outcome::applied});
  CHECK(open.count() == 2);
  CHECK_FALSE(has_note(open.database->read().reader(), 1));
  CHECK(open.writer().stats().batches == 2);
}

TEST_CASE("units before one that throws run again, and its line's next units run in savepoints") {
  OpenWriter open;
  std::vector<int> runs(6, 0);
  std::vector<Outcome> outcomes;
  const auto submit = [&](int id, bool throws) {
    Work work{.unit =
                  [&runs, id, throws](Tx& tx) {
                    ++runs[static_cast<std::size_t>(id)];
                    add_note(tx, id);
                    if (throws) throw std::runtime_error("no");
                  },
              .done = [&outcomes](const Result& result) { outcomes.push_back(result.outcome); }};
    work.realms = Realms::every("t_a");
    REQUIRE(open.writer().submit(std::move(work)));
  };
  for (const int group : {0, 3}) {
    Gate gate;
    hold(open.writer(), gate);
    submit(group, false);
    submit(group + 1, true);
    submit(group + 2, false);
    gate.open();
    while (outcomes.size() < static_cast<std::size_t>(group) + 3) std::this_thread::yield();
  }
  open.writer().stop();
  CHECK(outcomes == std::vector{Outcome::applied, Outcome::refused, Outcome::applied, Outcome::applied,
                                Outcome::refused, Outcome::applied});
  CHECK(runs == std::vector{2, 1, 1, 1, 1, 1});  // the second refusal undoes a savepoint
  CHECK(open.count() == 4);
}

TEST_CASE("a Done that finds no memory loses its own answer only, and a unit that finds none is not applied") {
  OpenWriter open;
  Gate gate;
  hold(open.writer(), gate);
  std::vector<Result> results(3);
  for (int i = 0; i < 3; ++i) {
    open.writer().submit(
        [i](Tx& tx) {
          add_note(tx, i);
          if (i == 1) throw std::bad_alloc();
        },
        [&results, i](const Result& result) {
          results[static_cast<std::size_t>(i)] = result;
          if (i == 0) throw std::bad_alloc();
        });
  }
  gate.open();
  CHECK(open.writer().run([](Tx& tx) { add_note(tx, 3); }).outcome == Outcome::applied);
  CHECK(results[0].outcome == Outcome::applied);
  CHECK(results[1].outcome == Outcome::not_applied);
  CHECK(results[1].failure == Failure::no_memory);
  CHECK(results[2].outcome == Outcome::applied);
  CHECK(open.count() == 3);
}

TEST_CASE("where memory is too short to begin a group, each unit is told so, and the writer does not spin") {
  std::atomic<bool> short_of_memory = false;
  std::atomic<int> tries = 0, told = 0;
  OpenWriter open({.now = [&] {
    if (short_of_memory && ++tries < 1'000'000) throw std::bad_alloc();
    return std::chrono::steady_clock::now();
  }});
  short_of_memory = true;
  for (int i = 0; i < 10; ++i)
    open.writer().submit([i](Tx& tx) { add_note(tx, i); },
                         [&](const Result& result) { told += result.failure == Failure::no_memory; });
  while (open.writer().stats().applied + open.writer().stats().not_applied < 10) std::this_thread::yield();
  CHECK(told == 10);
  CHECK(tries == 10);
  short_of_memory = false;
  CHECK(open.writer().run([](Tx& tx) { add_note(tx, 20); }).outcome == Outcome::applied);
  CHECK(open.count() == 1);
}

TEST_CASE("when Done is called another connection sees the row") {
  OpenWriter open;
  std::atomic<bool> seen = false;
  open.writer().submit([](Tx& tx) { add_note(tx, 1); },
                       [&](const Result&) { seen = has_note(open.database->read().reader(), 1); });
  open.writer().stop();
  CHECK(seen);
}

TEST_CASE("what waits is committed in groups") {
  OpenWriter open({.batch_time = std::chrono::seconds(1)});
  Gate gate;
  hold(open.writer(), gate);
  std::atomic<int> done = 0;
  for (int i = 0; i < 300; ++i) {
    open.writer().submit([i](Tx& tx) { add_note(tx, i); }, [&](const Result&) { ++done; });
  }
  open.end(gate);
  CHECK(done == 300);
  const auto stats = open.writer().stats();
  CHECK(stats.batches == 4);  // the gate, then 128 + 128 + 44
  CHECK(stats.applied == 301);
}

TEST_CASE("a batch ends when its time is used up, and the rest follows in order") {
  OpenWriter open({.batch_time = std::chrono::microseconds(100)});
  Gate gate;
  hold(open.writer(), gate);
  std::vector<int> order;
  for (int i = 0; i < 20; ++i) {
    open.writer().submit(
        [i](Tx& tx) {
          add_note(tx, i);
          std::this_thread::sleep_for(std::chrono::microseconds(60));
        },
        [&order, i](const Result&) { order.push_back(i); });
  }
  open.end(gate);
  CHECK(open.writer().stats().batches > 5);
  REQUIRE(order.size() == 20);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("the queue is bounded, and a high unit still enters and goes first") {
  OpenWriter open({.queue_units = 4});
  Gate gate;
  hold(open.writer(), gate);
  std::vector<int> order;
  const auto note = [&order](int i) { return [&order, i](const Result&) { order.push_back(i); }; };
  for (int i = 0; i < 4; ++i) CHECK(open.writer().submit([](Tx&) {}, note(i)));
  CHECK_FALSE(open.writer().submit([](Tx&) {}, note(99)));
  CHECK(open.writer().submit([](Tx&) {}, note(7), Priority::high));
  CHECK(open.writer().stats().queue_units == 5);
  open.end(gate);
  CHECK(order == std::vector{7, 0, 1, 2, 3});
}

TEST_CASE("a broken constraint refuses the unit, and the error is handed on") {
  OpenWriter open;
  open.writer().apply([](Tx& tx) { add_note(tx, 1); });
  const Result result = open.writer().run([](Tx& tx) { add_note(tx, 1); });
  CHECK(result.outcome == Outcome::refused);
  CHECK(result.failure == Failure::constraint);
  CHECK_THROWS_AS(std::rethrow_exception(result.error), Error);
}

TEST_CASE("what the store could not do is not_applied, not refused") {
  OpenWriter open;
  const Result wrong = open.writer().run([](Tx& tx) { tx.run("INSERT INTO nowhere VALUES(1)"); });
  CHECK(wrong.outcome == Outcome::not_applied);
  CHECK(wrong.failure == Failure::other);
  const Result memory = open.writer().run([](Tx&) { throw std::bad_alloc(); });
  CHECK(memory.outcome == Outcome::not_applied);
  CHECK(memory.failure == Failure::no_memory);
}

TEST_CASE("apply throws what the unit threw") {
  OpenWriter open;
  CHECK_THROWS_AS(open.writer().apply([](Tx&) { throw std::out_of_range("x"); }), std::out_of_range);
  CHECK_NOTHROW(open.writer().apply([](Tx& tx) { add_note(tx, 1); }));
}

TEST_CASE("a unit that ends the transaction under the others takes nothing of theirs away") {
  const bool tells = GENERATE(true, false);
  OpenWriter open({.batch_time = std::chrono::seconds(1)});
  Gate gate;
  hold(open.writer(), gate);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 5; ++i)
    open.writer().submit(
        [i, tells](Tx& tx) {
          if (i % 2 == 0) return add_note(tx, i);
          tx.run("ROLLBACK");
          if (tells) add_note(tx, i);  // refused: it would be a transaction of its own
        },
        [&](const Result& result) { outcomes.push_back(result.outcome); });
  open.end(gate);
  CHECK(outcomes ==
        std::vector{Outcome::applied, Outcome::not_applied, Outcome::applied, Outcome::not_applied, Outcome::applied});
  CHECK(open.count() == 3);
  CHECK(open.writer().stats().batches == 2);
}

TEST_CASE("a group whose transaction is lost again and again is given up, and everybody is told the truth") {
  OpenWriter open({.batch_time = std::chrono::seconds(1)});
  Gate gate;
  hold(open.writer(), gate);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 40; ++i)
    open.writer().submit([i](Tx& tx) { i % 2 == 0 ? add_note(tx, i) : static_cast<void>(tx.run("ROLLBACK")); },
                         [&](const Result& result) { outcomes.push_back(result.outcome); });
  open.end(gate);
  REQUIRE(outcomes.size() == 40);
  CHECK(open.count() == std::ranges::count(outcomes, Outcome::applied));
  CHECK(open.writer().stats().batches < 10);
}

TEST_CASE("a refused batch writes nothing to the log") {
  OpenWriter open;
  open.writer().run([](Tx&) { throw std::runtime_error("no"); });
  open.writer().run([](Tx&) {});
  CHECK(open.writer().log_stats().bytes == 0);
}

TEST_CASE("after stop nothing is taken, and what waited was run") {
  OpenWriter open;
  Gate gate;
  hold(open.writer(), gate);
  std::atomic<int> done = 0;
  for (int i = 0; i < 50; ++i) {
    open.writer().submit([i](Tx& tx) { add_note(tx, i); }, [&](const Result&) { ++done; });
  }
  std::thread stopper([&] { open.writer().stop(); });
  gate.open();
  stopper.join();
  CHECK(done == 50);
  CHECK_FALSE(open.writer().submit([](Tx&) {}, ignore));
  CHECK(open.writer().run([](Tx&) {}).failure == Failure::busy);
  open.writer().stop();
}

TEST_CASE("run on the writer's own thread is a fault of the program, not a deadlock") {
  OpenWriter open;
  CHECK_THROWS_AS(open.writer().apply([&](Tx&) { open.writer().run([](Tx&) {}); }), std::logic_error);
}

TEST_CASE("the log is copied back past its limit, and emptied when idle") {
  OpenWriter open({}, {.checkpoint_pages = 20, .idle = std::chrono::milliseconds(5)});
  for (int i = 0; i < 100; ++i) open.writer().apply([i](Tx& tx) { add_note(tx, i); });
  CHECK(open.writer().log_stats().checkpoints > 1);
  const auto log = open.scratch.database().string() + "-wal";
  for (int i = 0; i < 400 && std::filesystem::file_size(log) > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(std::filesystem::file_size(log) == 0);
  CHECK(open.count() == 100);
}

TEST_CASE("a held reader makes the log grow until units are refused, and it heals by itself") {
  OpenWriter open({}, {.checkpoint_pages = 10, .refuse_bytes = 200'000});
  int id = 0;
  const auto add = [&] { return open.writer().run([id = ++id](Tx& tx) { add_note(tx, id); }); };
  {
    Lease held = open.database->read();
    Result result;
    for (int i = 0; i < 200 && result.outcome == Outcome::applied; ++i) result = add();
    CHECK(result.outcome == Outcome::not_applied);
    CHECK(result.failure == Failure::busy);
  }
  CHECK(add().outcome == Outcome::applied);
}

TEST_CASE("after COMMIT, before its units are answered, the listener hears what they touched, each place once") {
  OpenWriter open;
  Gate gate;
  std::vector<std::string> heard;
  open.writer().on_commit([&](const std::vector<nexus::Place>& places) {
    for (const auto& place : places) heard.push_back(place.tenant_id + " " + place.env);
  });
  hold(open.writer(), gate);
  for (const char* tenant : {"t_a", "t_b", "t_a"}) {
    open.writer().submit([tenant](Tx& tx) { tx.touch({.tenant = tenant, .env = "dev"}); },
                         [&](const Result&) { heard.push_back("answered"); });
  }
  open.writer().submit([](Tx& tx) { add_note(tx, 1); }, ignore);
  open.end(gate);
  CHECK(heard == std::vector<std::string>{"t_a dev", "t_b dev", "answered", "answered", "answered"});
}

TEST_CASE("after halt nothing is written: what waited is told so, and the log is empty") {
  OpenWriter open;
  std::vector<std::string> heard;
  open.writer().apply([](Tx& tx) { add_note(tx, 1); });
  Gate gate;
  hold(open.writer(), gate);
  open.writer().submit([](Tx& tx) { add_note(tx, 2); },
                       [&](const Result& result) {
                         CHECK(result.outcome == Outcome::not_applied);
                         heard.push_back("told");
                       });
  open.writer().halt(Error(Failure::replaced, "another file"));
  CHECK_FALSE(open.writer().submit([](Tx&) {}, ignore));
  open.end(gate);
  CHECK(heard == std::vector<std::string>{"told"});
  CHECK(open.writer().stats().fatal);
  CHECK(open.count() == 1);
  CHECK(std::filesystem::file_size(open.scratch.database().string() + "-wal") == 0);
}

TEST_CASE("who is to be told of a halt is told once, with its reason") {
  const Scratch scratch;
  std::vector<std::string> reasons;
  auto options = notes_options(scratch);
  options.on_fatal = [&](const Error& error) { reasons.push_back(error.what()); };
  SqliteDatabase database(std::move(options));
  database.writer().halt(Error(Failure::replaced, "first"));
  database.writer().halt(Error(Failure::replaced, "second"));
  database.writer().stop();
  CHECK(reasons == std::vector<std::string>{"first"});
}
