// A queue that tenants share: equal parts, no credit for waiting, and bounds of what waits.
#include "daemon/base/fair_queue.hpp"

#include <map>
#include <string>

#include "tests/catch.hpp"

namespace nexus {

TEST_CASE("tenants that are all busy use equal parts, however many units each has waiting") {
  FairQueue<int> queue;
  const std::map<std::string, std::int64_t> cost = {{"a", 1}, {"b", 10}, {"c", 100}};
  for (const auto& [tenant, each] : cost)
    for (int i = 0; i < 10'000; ++i) queue.push(tenant, static_cast<int>(each));
  std::map<std::string, std::int64_t> used;
  for (int i = 0; i < 3'000; ++i) {
    const int popped = *queue.pop();
    const std::string tenant = popped == 1 ? "a" : popped == 10 ? "b" : "c";
    queue.charge(tenant, popped);
    used[tenant] += popped;
  }
  CHECK(used["c"] - used["a"] <= 100);
  CHECK(used["c"] - used["b"] <= 110);
}

TEST_CASE("small and large entries of one tenant use equal parts while both wait, and each has all when alone") {
  FairQueue<int> queue(100);
  std::map<int, std::int64_t> used;
  const auto take = [&] {
    const int cost = *queue.pop();
    queue.charge("a", cost, static_cast<std::size_t>(cost));
    used[cost] += cost;
  };
  for (int i = 0; i < 20; ++i) queue.push("a", 1000, 1000);
  for (int i = 0; i < 10; ++i) take();
  for (int i = 0; i < 5000; ++i) queue.push("a", 1, 1);  // what the large ones used alone is no debt, and no credit
  used.clear();
  for (int i = 0; i < 5005; ++i) take();
  CHECK(used[1] == 5000);
  CHECK(used[1000] == 5000);
  while (!queue.empty()) take();
  CHECK(used[1000] == 10000);
}

TEST_CASE("what a tenant used elsewhere counts for the tenant, not for its small entries alone") {
  FairQueue<std::string> queue(100);
  for (int i = 0; i < 3; ++i) queue.push("a", "large", 1000);
  queue.push("a", "small", 1);
  queue.charge("a", 5000, std::nullopt);
  CHECK(*queue.pop() == "small");
  queue.charge("a", 1, 1);
  queue.push("b", "other", 1);
  CHECK(*queue.pop() == "other");
}

TEST_CASE("who pauses earns no credit, and what was used is not forgotten at once") {
  FairQueue<std::string> queue;
  const auto next = [&](std::int64_t cost) {
    const std::string tenant = *queue.pop();
    queue.charge(tenant, cost);
    return tenant;
  };
  queue.push("a", "a");
  CHECK(next(1000) == "a");
  queue.push("a", "a");  // ahead by 1000
  for (int i = 0; i < 3; ++i) queue.push("b", "b");
  CHECK(next(400) == "b");
  CHECK(next(400) == "b");
  CHECK(next(400) == "b");
  CHECK(next(1) == "a");
  CHECK(queue.empty());
  CHECK_FALSE(queue.pop());
  queue.charge("nobody", 1);
  CHECK(queue.load_of("nobody").entries == 0);
}

TEST_CASE("what waits is bounded by number and by weight, in a line and in all") {
  FairQueue<int> queue;
  constexpr QueueLoad line{.entries = 3, .weight = 100}, all{.entries = 5, .weight = 150};
  const auto enters = [&](std::string_view tenant, std::size_t weight) {
    const bool fits = queue.has_room(tenant, weight, line, all);
    if (fits) queue.push(tenant, 0, weight);
    return fits;
  };
  CHECK(enters("a", 60));
  CHECK_FALSE(enters("a", 41));
  CHECK(enters("a", 40));
  CHECK_FALSE(enters("a", 1));
  CHECK(enters("a", 0));
  CHECK_FALSE(enters("a", 0));  // a fourth
  CHECK(enters("b", 50));
  CHECK_FALSE(enters("b", 1));  // its line has room, the queue has not
  CHECK(enters("c", 1000));     // an empty line takes any weight
  CHECK_FALSE(enters("d", 0));  // but no sixth entry
  CHECK(queue.load_of("a").entries == 3);
  CHECK(queue.load_of("a").weight == 100);
  while (queue.pop()) {
  }
  for (const char* tenant : {"a", "b", "c"}) CHECK(queue.load_of(tenant).weight == 0);
  CHECK(enters("a", 100));
  CHECK(enters("b", 50));
}

}  // namespace nexus
