// A lane runs so many of its tasks at once, few of them for one tenant, takes waiting tenants in turn, and bounds what
// waits.
#include "daemon/http/fair_executor.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::http {
namespace {

constexpr std::size_t kMany = 1000;

/// A pool that takes any number at once.
struct Pool {
  std::mutex mutex;
  std::vector<std::thread> threads;
  void take(const FairExecutor::Task& task) {
    const std::lock_guard lock(mutex);
    threads.emplace_back(task);
  }
  void join() {
    for (std::size_t i = 0; i < threads.size(); ++i) threads[i].join();
  }
};

/// A pool whose one thread is the test: it runs what was posted when it is told to.
struct Posted {
  std::vector<FairExecutor::Task> tasks;
  FairExecutor::Task next() {
    FairExecutor::Task task = std::move(tasks.front());
    tasks.erase(tasks.begin());
    return task;
  }
};

/// Work that takes a while by the clock.
void spin(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

struct Seen {
  std::mutex mutex;
  std::vector<std::string> begun;
  std::map<std::string, std::size_t> now, most;
  std::size_t all = 0, most_of_all = 0;
  void begin(const std::string& line) {
    const std::lock_guard lock(mutex);
    begun.push_back(line);
    most[line] = std::max(most[line], ++now[line]);
    most_of_all = std::max(most_of_all, ++all);
  }
  void end(const std::string& line) {
    const std::lock_guard lock(mutex);
    --now[line];
    --all;
  }
};

}  // namespace

TEST_CASE("a lane never runs more than its width, nor more than half of it for one tenant", "[lanes]") {
  const std::size_t width = GENERATE(1, 2, 4);
  Pool pool;
  FairExecutor lane([&](const FairExecutor::Task& task) { pool.take(task); }, {width, {.entries = kMany}});
  store::test::Gate gate;
  Seen seen;
  const auto submit = [&](const std::string& line) {
    lane.run(line, [&, line] {
      seen.begin(line);
      gate.pass();
      spin(std::chrono::milliseconds(1));
      seen.end(line);
    });
  };
  for (int i = 0; i < 20; ++i) submit("t_a");
  for (int i = 0; i < 20; ++i) submit("t_b");
  gate.open();
  pool.join();
  CHECK(seen.begun.size() == 40);
  CHECK(seen.most_of_all <= width);
  for (const char* line : {"t_a", "t_b"}) CHECK(seen.most[line] <= std::max<std::size_t>(1, width / 2));
}

TEST_CASE("while one tenant holds its half, another's task begins at once", "[lanes]") {
  Pool pool;
  FairExecutor lane([&](const FairExecutor::Task& task) { pool.take(task); }, {2, {.entries = kMany}});
  store::test::Gate hold, quiet;
  for (int i = 0; i < 20; ++i) lane.run("t_busy", [&] { hold.pass(); });
  lane.run("t_quiet", [&] { quiet.open(); });
  quiet.pass();  // hangs where the busy tenant holds both threads
  hold.open();
  pool.join();
}

TEST_CASE("waiting tenants are taken in turn, and pay for the time that they took", "[lanes]") {
  Posted posted;
  FairExecutor lane([&](const FairExecutor::Task& task) { posted.tasks.push_back(task); }, {1, {.entries = kMany}});
  std::string order;
  for (int i = 0; i < 4; ++i)
    lane.run("t_a_slow", [&] {
      order += 's';
      spin(std::chrono::milliseconds(20));
    });
  for (int i = 0; i < 4; ++i) lane.run("t_b_quick", [&] { order += 'q'; });
  REQUIRE(posted.tasks.size() == 1);
  posted.next()();
  CHECK(order == "sqqqqsss");  // first come, first served would be ssssqqqq
}

TEST_CASE("a line holds so many waiting tasks, whatever the others hold", "[lanes]") {
  Posted posted;
  FairExecutor lane([&](const FairExecutor::Task& task) { posted.tasks.push_back(task); }, {1, {.entries = 3}});
  int ran = 0;
  const auto task = [&] { ++ran; };
  for (int i = 0; i < 3; ++i) CHECK(lane.try_run("t_a", task));
  CHECK_FALSE(lane.has_room("t_a"));
  CHECK_FALSE(lane.try_run("t_a", task));
  lane.run("t_a", task);  // a step of what has begun
  CHECK(lane.has_room("t_b"));
  CHECK(lane.try_run("t_b", task));
  posted.next()();
  CHECK(ran == 5);
  CHECK(lane.has_room("t_a"));
}

TEST_CASE("a line holds so many bytes of waiting tasks, and a larger one alone", "[lanes]") {
  Posted posted;
  FairExecutor lane([&](const FairExecutor::Task& task) { posted.tasks.push_back(task); },
                    {1, {.entries = kMany, .weight = 100}});
  int ran = 0;
  const auto task = [&] { ++ran; };
  CHECK(lane.try_run("t_a", task, 1000));
  CHECK_FALSE(lane.try_run("t_a", task, 1));
  CHECK(lane.try_run("t_b", task, 60));
  CHECK_FALSE(lane.try_run("t_b", task, 41));
  CHECK(lane.try_run("t_b", task, 40));
  lane.run("t_b", task);  // a step of what has begun
  posted.next()();
  CHECK(ran == 4);
  CHECK(lane.try_run("t_a", task, 100));
}

TEST_CASE("a lane that was empty starts again, also after a task that threw", "[lanes]") {
  Posted posted;
  FairExecutor lane([&](const FairExecutor::Task& task) { posted.tasks.push_back(task); }, {1, {.entries = kMany}});
  int ran = 0;
  for (int i = 1; i <= 3; ++i) {
    lane.run("t_a", [&] {
      ++ran;
      throw std::runtime_error("a failed task");
    });
    REQUIRE(posted.tasks.size() == 1);
    posted.next()();
    CHECK(ran == i);
  }
}

TEST_CASE("a lane waits for a thread until there is memory to ask for one", "[lanes]") {
  Posted posted;
  int failures = 3;
  FairExecutor lane(
      [&](const FairExecutor::Task& task) {
        if (failures-- > 0) throw std::bad_alloc();
        posted.tasks.push_back(task);
      },
      {1, {.entries = kMany}});
  int ran = 0;
  lane.run("t_a", [&] { ++ran; });
  lane.run("t_a", [&] { throw std::bad_alloc(); });
  lane.run("t_a", [&] { ++ran; });
  REQUIRE(posted.tasks.size() == 1);
  posted.next()();
  CHECK(ran == 2);
}

TEST_CASE("what a task holds ends outside of the lock", "[lanes]") {
  Posted posted;
  FairExecutor lane([&](const FairExecutor::Task& task) { posted.tasks.push_back(task); }, {1, {.entries = kMany}});
  bool released = false;
  std::shared_ptr<void> held(nullptr, [&](void*) { released = lane.has_room("t_a"); });
  lane.run("t_a", [held = std::move(held)] {});
  posted.next()();
  CHECK(released);
}

}  // namespace nexus::http
