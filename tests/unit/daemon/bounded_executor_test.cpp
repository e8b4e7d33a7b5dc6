// A lane runs so many of its tasks at once, in their order, and all of them.
#include "daemon/http/bounded_executor.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::http {
namespace {

/// A pool that takes any number at once.
struct Pool {
  std::mutex mutex;
  std::vector<std::thread> threads;
  void take(const BoundedExecutor::Task& task) {
    const std::lock_guard lock(mutex);
    threads.emplace_back(task);
  }
  void join() {
    for (std::size_t i = 0; i < threads.size(); ++i) threads[i].join();
  }
};

TEST_CASE("a lane never runs more than its width, and what waits starts in its order") {
  const std::size_t width = GENERATE(1, 2);
  Pool pool;
  BoundedExecutor executor([&](const BoundedExecutor::Task& task) { pool.take(task); }, width);
  store::test::Gate gate;
  std::mutex mutex;
  std::vector<int> begun;
  std::size_t now = 0, most = 0;
  for (int i = 0; i < 20; ++i)
    executor.run([&, i] {
      {
        const std::lock_guard lock(mutex);
        begun.push_back(i);
        most = std::max(most, ++now);
      }
      gate.pass();
      const std::lock_guard lock(mutex);
      --now;
    });
  CHECK(pool.threads.size() == width);
  gate.open();
  pool.join();
  CHECK(most <= width);
  CHECK(begun.size() == 20);
  if (width == 1) CHECK(std::ranges::is_sorted(begun));
}

TEST_CASE("a lane that was empty starts again") {
  std::vector<BoundedExecutor::Task> posted;
  BoundedExecutor executor([&](const BoundedExecutor::Task& task) { posted.push_back(task); }, 1);
  int ran = 0;
  for (int i = 0; i < 3; ++i) {
    executor.run([&] { ++ran; });
    REQUIRE(posted.size() == static_cast<std::size_t>(i + 1));
    posted.back()();
    CHECK(ran == i + 1);
  }
}

}  // namespace
}  // namespace nexus::http
