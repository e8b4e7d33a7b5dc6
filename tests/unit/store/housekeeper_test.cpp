// Housekeeping: all that is past its time goes in one round, in units that stay within their rows and their time, and
// the writer is free for nine tenths of it. The clock is the test's own: a unit takes as long as its rows say.
#include "store/housekeeper.hpp"

#include <thread>

#include "store/rows.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::store::test {
namespace {

using std::chrono::microseconds;

/// A clock that stands still but for units and pauses.
class OwnTime {
 public:
  Pace::Source source() {
    return {[this] { return Pace::Clock::time_point(microseconds(1) * now_.load()); },
            [this](Pace::Clock::duration time) {
              const auto pause = std::chrono::duration_cast<microseconds>(time).count();
              now_ += pause;
              paused_ += pause;
            }};
  }
  void pass(std::int64_t micros) {
    now_ += micros;
    used_ += micros;
    longest_ = std::max(longest_.load(), micros);
  }
  std::int64_t used() const { return used_; }
  std::int64_t paused() const { return paused_; }
  std::int64_t longest() const { return longest_; }

 private:
  std::atomic<std::int64_t> now_{1'000'000}, used_{0}, paused_{0}, longest_{0};
};

/// Rows that only count: each takes `row_micros` of the writer.
struct Heap {
  std::string_view kind;
  std::int64_t rows, row_micros;
  std::int64_t units = 0, most = 0;
  int first = 0;  // when its first unit ran, in units of all
};

struct Household {
  Scratch scratch;
  SqliteDatabase database{notes_options(scratch)};
  OwnTime time;
  Pace pace{time.source()};
  std::vector<std::string> failures;
  int units = 0;

  Job job(Heap& heap) {
    return {heap.kind, [&heap](const Reader&) { return heap.rows; },
            [this, &heap](Stint& stint) {
              const std::int64_t rows = std::min<std::int64_t>(stint.rows(), heap.rows);
              stint.write([&](Tx&) { time.pass(rows * heap.row_micros); }, Realms::every());
              ++units;
              if (heap.units++ == 0) heap.first = units;
              heap.rows -= rows;
              heap.most = std::max(heap.most, rows);
              return stint.filled(rows);
            }};
  }
  void run(std::vector<Job> jobs) {
    Housekeeper keeper(database, pace, std::move(jobs),
                       [this](std::string_view kind, const std::exception&) { failures.emplace_back(kind); });
    keeper.ask();
    keeper.run();
  }
};

}  // namespace

TEST_CASE("a round ends when nothing is past its time, whatever it takes, and no kind waits for another") {
  Household stage;
  Heap many{"many", 100'000, 2}, few{"few", 120, 5}, none{"none", 0, 5};
  stage.run({stage.job(many), stage.job(few), stage.job(none)});
  CHECK(many.rows == 0);
  CHECK(few.rows == 0);
  CHECK(few.first == 2);
  CHECK(none.units == 0);
  CHECK(many.most == kStintRowsMax);
  CHECK(many.units < 110);
  CHECK(stage.failures.empty());
}

TEST_CASE("units take 5 ms at most once their rows are known, and a tenth of the writer's time") {
  Household stage;
  Heap slow{"slow", 5000, 400}, quick{"quick", 20'000, 30};
  stage.run({stage.job(slow), stage.job(quick)});
  CHECK(slow.rows + quick.rows == 0);
  CHECK(slow.most == 50);                                // the first unit: 20 ms
  CHECK(stage.time.longest() == 50 * 400);               // and none after it
  CHECK(stage.time.used() == 5000 * 400 + 20'000 * 30);  // no pause follows the last unit
  CHECK(stage.time.paused() >= 9 * (stage.time.used() - stage.time.longest()));
  CHECK(stage.time.paused() <= 9 * stage.time.used());
}

TEST_CASE("the rows of a step follow the time of the last one") {
  CHECK(next_rows(100, microseconds(10'000), true) == 50);
  CHECK(next_rows(1, microseconds(90'000), true) == 1);
  CHECK(next_rows(100, microseconds(1000), true) == 200);
  CHECK(next_rows(100, microseconds(1000), false) == 100);
  CHECK(next_rows(100, microseconds(4000), true) == 100);
  CHECK(next_rows(900, microseconds(10), true) == kStintRowsMax);
}

TEST_CASE("a job that fails ends its round, and the others go on") {
  Household stage;
  Heap good{"good", 500, 1};
  Job bad{"bad", [](const Reader&) { return 1; },
          [](Stint& stint) {
            stint.write([](Tx&) { throw std::runtime_error("no"); }, Realms::every());
            return true;
          }};
  stage.run({bad, stage.job(good)});
  CHECK(good.rows == 0);
  CHECK(stage.failures == std::vector<std::string>{"bad"});
}

TEST_CASE("what cannot be handled is passed over, and a round gives up on a kind with too much of it") {
  Household stage;
  int steps = 0, seen = 0;
  Job stuck{"stuck", [](const Reader&) { return 1; },
            [&](Stint& stint) {
              ++steps;
              seen = stint.failures();
              for (int i = 0; i < 30; ++i) stint.fail();
              return true;
            }};
  stage.run({stuck});
  CHECK(steps == 4);
  CHECK(seen == 90);
}

TEST_CASE("a stop ends a round at once, in a pause too") {
  Household stage;
  Pace pace;
  pace.charge(std::chrono::hours(1));
  std::thread stopper([&] { pace.stop(); });
  CHECK_FALSE(pace.wait());
  stopper.join();
  Heap heap{"heap", 500, 1};
  Housekeeper keeper(stage.database, pace, {stage.job(heap)}, [](std::string_view, const std::exception&) {});
  keeper.ask();
  keeper.run();
  CHECK(heap.units == 0);
}

TEST_CASE("who asks while it runs is served in the same run, and only one who asks at rest must run it") {
  Household stage;
  Heap long_one{"long", 100'000, 2}, late{"late", 0, 5};
  std::optional<Housekeeper> keeper;
  Job job = stage.job(long_one);
  job.step = [&, step = job.step](Stint& stint) {
    if (long_one.units == 10) {
      late.rows = 3;
      CHECK_FALSE(keeper->ask());
    }
    return step(stint);
  };
  keeper.emplace(stage.database, stage.pace, std::vector{job, stage.job(late)},
                 [](std::string_view, const std::exception&) {});
  CHECK(keeper->ask());
  keeper->run();
  CHECK(late.rows + long_one.rows == 0);
  CHECK(late.first == 13);  // in the next turn: long, asked for, long, late
  CHECK(keeper->ask());
}

TEST_CASE("housekeeping goes on after a run that was lost for want of memory") {
  Household stage;
  Heap heap{"heap", 10, 1};
  const Job fails{"fails", [](const Reader&) -> std::int64_t { throw std::runtime_error("no"); }, {}};
  bool is_short = true;
  Housekeeper keeper(stage.database, stage.pace, {fails, stage.job(heap)}, [&](std::string_view, const auto&) {
    if (is_short) throw std::bad_alloc();
  });
  CHECK(keeper.ask());  // and nobody runs it
  CHECK(keeper.ask());
  CHECK_THROWS_AS(keeper.run(), std::bad_alloc);
  is_short = false;
  CHECK(keeper.ask());
  keeper.run();
  CHECK(heap.rows == 0);
}

TEST_CASE("what a unit of housekeeping leaves to the end of its group counts as its time") {
  Household stage;
  Stint stint(stage.database, stage.pace, 100);
  stint.write([&](Tx& tx) { tx.at_group_end({1, [&](Tx&) { stage.time.pass(4000); }}); }, Realms::every());
  stint.write([](Tx&) {}, Realms::every());
  CHECK(stage.time.paused() >= 9 * 4000);  // a tenth of the writer's time
}

TEST_CASE("whoever helps has ended when a step ends, also where memory for more helpers is short") {
  Household stage;
  Gate begun;
  std::thread helper;
  std::atomic<int> calls{0}, under_way{0};
  Stint stint(stage.database, stage.pace, 100, 0, [&](std::function<void()> task) {
    if (helper.joinable()) {
      begun.pass();
      throw std::bad_alloc();
    }
    helper = std::thread(std::move(task));
  });
  stint.each(10, [&](std::size_t) {
    ++under_way;
    begun.open();
    std::this_thread::yield();
    --under_way;
    ++calls;
  });
  CHECK(calls == 10);
  CHECK(under_way == 0);
  helper.join();
}

TEST_CASE("calls of other servers run a few at once, and what failed stays") {
  Household stage;
  std::vector<std::thread> threads;
  const Helper helper = [&threads](std::function<void()> task) { threads.emplace_back(std::move(task)); };
  Stint stint(stage.database, stage.pace, 100, 0, helper);
  std::atomic<std::size_t> under_way{0}, together{0};
  std::vector<int> rows = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const auto is_odd = [&](int row) {
    for (++under_way; row == 0 && under_way < kCallsAtOnce;) std::this_thread::yield();
    if (row == 0) together = under_way.load();
    while (together == 0) std::this_thread::yield();
    return row % 2 == 1;
  };
  stint.keep_handled(rows, is_odd);
  CHECK(together == kCallsAtOnce);  // the calls of the first four wait for each other
  CHECK(rows == std::vector{1, 3, 5, 7, 9});
  CHECK(stint.failures() == 5);
  CHECK_THROWS_AS(stint.each(10,
                             [](std::size_t i) {
                               if (i == 7) throw std::runtime_error("no");
                             }),
                  std::runtime_error);
  for (auto& thread : threads) thread.join();
  Stint alone(stage.database, stage.pace, 100);
  std::size_t sum = 0;
  alone.each(5, [&](std::size_t i) { sum += i; });
  CHECK(sum == 10);
}

}  // namespace nexus::store::test
