// A copy of the database that is made while the writer goes on.
#include <atomic>
#include <future>
#include <thread>

#include "store/sqlite/online_copy.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

/// Copies by turns of one millisecond; the promise is broken when the writer drops the copy.
std::future<void> begin_copy(SqliteWriter& writer, const std::filesystem::path& file) {
  struct State {
    std::optional<OnlineCopy> copy;
    std::promise<void> done;
  };
  auto state = std::make_shared<State>();
  auto done = state->done.get_future();
  REQUIRE(writer.begin_chore([state = std::move(state), file](Connection& source) {
    if (!state->copy) state->copy.emplace(source, file);
    if (state->copy->step(std::chrono::milliseconds(1))) return true;
    state->done.set_value();
    return false;
  }));
  return done;
}

std::int64_t notes_in(const std::filesystem::path& file) {
  Connection copy({.path = file, .read_only = true, .offline = true});
  REQUIRE(find_damage(copy, true).empty());
  return count_notes(Reader(copy));
}

void add_long_note(Tx& tx, std::int64_t id) {
  tx.run("INSERT INTO notes (id, text) VALUES (?1, ?2)", id, std::string(20000, 'x') + std::to_string(id));
}

/// 20 MB, so that a copy takes many turns.
void fill(SqliteWriter& writer) {
  for (int i = 0; i < 10; ++i)
    writer.apply([i](Tx& tx) {
      for (int j = 0; j < 100; ++j) add_long_note(tx, i * 100 + j);
    });
}

/// Writes a note after the other, and every third time something that is refused, until it is told to stop.
struct Load {
  explicit Load(SqliteWriter& writer_) : writer(writer_), thread([this] { run(); }) {}
  ~Load() {
    stopping = true;
    thread.join();
  }
  void run() {
    for (std::int64_t id = 100000; !stopping; ++id) {
      if (writer.run([id](Tx& tx) { add_long_note(tx, id); }).outcome == Outcome::applied) ++acknowledged;
      if (id % 3 == 0) writer.run([](Tx& tx) { add_long_note(tx, 1); });
    }
  }
  SqliteWriter& writer;
  std::atomic<bool> stopping{false};
  std::atomic<std::int64_t> acknowledged{0};
  std::thread thread;
};

}  // namespace

TEST_CASE("a copy that is made under load holds all that was acknowledged before it began, and is sound") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  fill(database.writer());
  const Load load(database.writer());
  for (int round = 0; round < 5; ++round) {
    const auto file = scratch.path() / ("copy" + std::to_string(round));
    const std::int64_t before = 1000 + load.acknowledged;
    begin_copy(database.writer(), file).get();
    const std::int64_t copied = notes_in(file);
    CHECK(copied >= before);
    CHECK(copied <= 1001 + load.acknowledged);
  }
}

TEST_CASE("control: the file alone, without its log, lacks what was acknowledged") {
  const Scratch scratch;
  auto options = notes_options(scratch);
  options.wal.checkpoint_pages = 1u << 30;
  options.wal.idle = std::chrono::hours(1);
  SqliteDatabase database(std::move(options));
  database.writer().apply([](Tx& tx) { add_note(tx, 1); });
  const auto file = scratch.path() / "file";
  std::filesystem::copy_file(scratch.database(), file);
  Connection copy({.path = file, .read_only = true, .offline = true});
  CHECK(count_notes(Reader(copy)) == 0);
}

TEST_CASE("one chore at a time; the next may begin when it has ended") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  std::promise<void> go;
  std::promise<void> ended;
  auto wait = go.get_future().share();
  REQUIRE(database.writer().begin_chore([wait, &ended](Connection&) {
    wait.wait();
    ended.set_value();
    return false;
  }));
  CHECK_FALSE(database.writer().begin_chore([](Connection&) { return false; }));
  go.set_value();
  ended.get_future().wait();
  database.writer().apply([](Tx& tx) { add_note(tx, 1); });
  while (!database.writer().begin_chore([](Connection&) { return false; })) std::this_thread::yield();
}

TEST_CASE("a writer that stops drops its chore, and whoever waits for it learns so") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  std::promise<void> promise;
  auto done = promise.get_future();
  auto shared = std::make_shared<std::promise<void>>(std::move(promise));
  REQUIRE(database.writer().begin_chore([shared = std::move(shared)](Connection&) { return true; }));
  database.writer().stop();
  CHECK_THROWS_AS(done.get(), std::future_error);
  CHECK_FALSE(database.writer().begin_chore([](Connection&) { return false; }));
}
