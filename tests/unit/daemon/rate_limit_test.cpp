// The rate limiter with a clock that the test moves by hand: the whole quota may come at once, then one by one.
#include "daemon/guard/rate_limit.hpp"

#include "tests/catch.hpp"

namespace nexus {
namespace {

constexpr Micros kStart = 1'800'000'000 * kSecond;

std::chrono::steady_clock::time_point at(Micros micros) {
  return std::chrono::steady_clock::time_point(std::chrono::microseconds(micros));
}

/// How many requests in a row are allowed at `now`.
std::int64_t burst(const Quota& quota, Micros now, Micros& arrival) {
  std::int64_t count = 0;
  while (take_one(quota, now, arrival).allowed) ++count;
  return count;
}

TEST_CASE("daemons divide a quota, and none grants less than one request") {
  CHECK(share_of({6000, 60}, 1) == Quota{6000, 60});
  CHECK(share_of({6000, 60}, 0) == Quota{6000, 60});
  CHECK(share_of({6000, 60}, 4) == Quota{1500, 60});
  CHECK(share_of({6001, 60}, 4) == Quota{1501, 60});
  CHECK(share_of({7, 60}, 2) == Quota{4, 60});
  CHECK(share_of({3, 60}, 2) == Quota{2, 60});
  CHECK(share_of({1, 60}, 2) == Quota{1, 60});
  CHECK(share_of({2, 60}, 5) == Quota{1, 60});
  CHECK(share_of({0, 60}, 5) == Quota{0, 60});
  for (std::int64_t quota = 1; quota < 50; ++quota)
    for (std::int64_t daemons = 1; daemons < 9; ++daemons) {
      INFO(quota << " of " << daemons);
      const std::int64_t together = share_of({quota, 60}, daemons).requests * daemons;
      CHECK((together >= quota && together < quota + daemons));
    }
}

TEST_CASE("the burst equals the quota, whatever the quota is") {
  for (const Quota quota :
       {Quota{1, 1}, Quota{1, 60}, Quota{2, 1}, Quota{3, 1}, Quota{7, 60}, Quota{6000, 60}, Quota{9999, 60},
        Quota{11'000, 60}, Quota{100'001, 7}, Quota{1'000'000, 1}, Quota{1, 86400}}) {
    INFO(quota.requests << " in " << quota.window_seconds << " s");
    Micros arrival = 0;
    CHECK(burst(quota, kStart, arrival) == quota.requests);
  }
}

TEST_CASE("after the burst one request fits every window divided by quota") {
  const Quota quota{6, 60};
  Micros arrival = 0;
  REQUIRE(burst(quota, kStart, arrival) == 6);
  CHECK_FALSE(take_one(quota, kStart + 10 * kSecond - 1, arrival).allowed);
  CHECK(take_one(quota, kStart + 10 * kSecond, arrival).allowed);
  CHECK_FALSE(take_one(quota, kStart + 10 * kSecond, arrival).allowed);
  CHECK(take_one(quota, kStart + 20 * kSecond, arrival).allowed);
}

TEST_CASE("a whole window of silence gives the whole quota back, and no more") {
  const Quota quota{6, 60};
  Micros arrival = 0;
  REQUIRE(burst(quota, kStart, arrival) == 6);
  CHECK(burst(quota, kStart + 30 * kSecond, arrival) == 3);
  CHECK(burst(quota, kStart + 90 * kSecond, arrival) == 6);
  CHECK(burst(quota, kStart + kDay, arrival) == 6);
}

TEST_CASE("a verdict says what is left, when all is back, and when to come again") {
  const Quota quota{6, 60};
  Micros arrival = 0;
  RateVerdict verdict = take_one(quota, kStart, arrival);
  CHECK(verdict.remaining == 5);
  CHECK(verdict.reset_seconds == 10);
  CHECK(verdict.retry_after == 0);
  burst(quota, kStart, arrival);
  verdict = take_one(quota, kStart, arrival);
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.remaining == 0);
  CHECK(verdict.reset_seconds == 60);
  CHECK(verdict.retry_after == 10);
  verdict = take_one(quota, kStart + 9'999'999, arrival);
  CHECK(verdict.retry_after == 1);
}

TEST_CASE("who comes again when told is let in") {
  for (const Quota quota : {Quota{1, 60}, Quota{7, 60}, Quota{11'000, 60}, Quota{3, 1}}) {
    Micros arrival = 0;
    burst(quota, kStart, arrival);
    const RateVerdict verdict = take_one(quota, kStart, arrival);
    REQUIRE(verdict.retry_after >= 1);
    CHECK(take_one(quota, kStart + verdict.retry_after * kSecond, arrival).allowed);
  }
}

TEST_CASE("a refused request costs nothing") {
  const Quota quota{2, 60};
  Micros arrival = 0;
  burst(quota, kStart, arrival);
  for (int i = 0; i < 1000; ++i) take_one(quota, kStart, arrival);
  CHECK(take_one(quota, kStart + 30 * kSecond, arrival).allowed);
}

TEST_CASE("a quota of nothing allows nothing") {
  Micros arrival = 0;
  const RateVerdict verdict = take_one({0, 60}, kStart, arrival);
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.remaining == 0);
  CHECK(verdict.retry_after >= 1);
}

TEST_CASE("a clock that goes back shuts nobody out, and gives no new burst") {
  const Quota quota{100, 60};
  Micros arrival = 0;
  burst(quota, kStart, arrival);
  CHECK(burst(quota, kStart - kHour, arrival) == 1);
  CHECK_FALSE(take_one(quota, kStart - kHour, arrival).allowed);
}

TEST_CASE("threads that read the clock out of order get no new burst") {
  const Quota quota{100, 60};
  Micros arrival = 0;
  REQUIRE(burst(quota, kStart, arrival) == 100);
  for (Micros late = 1; late < kSecond / 2; late *= 2) {
    CHECK(burst(quota, kStart - late, arrival) == 0);
    CHECK(burst(quota, kStart + late, arrival) == 0);
  }
}

TEST_CASE("the debt of a lower quota does not outlive it, nor become a burst") {
  Micros arrival = 0;
  REQUIRE(burst({3, 3600}, kStart, arrival) == 3);
  CHECK(burst({100, 60}, kStart, arrival) == 1);
  CHECK(burst({100, 60}, kStart + 6 * kSecond, arrival) == 10);
}

TEST_CASE("a changed quota holds at once: what was spent counts as many requests under the new one") {
  RateLimiter limiter;
  const auto take = [&](const Quota& quota) {
    return limiter.take({.tenant = "t_a", .env = "dev"}, "raw_presign", quota, at(kStart));
  };
  CHECK(take({1, 3600}).allowed);
  CHECK_FALSE(take({1, 3600}).allowed);
  const RateVerdict raised = take({100, 60});
  CHECK(raised.allowed);
  CHECK(raised.remaining == 98);
  for (int i = 0; i < 48; ++i) REQUIRE(take({100, 60}).allowed);
  CHECK(take({200, 60}).remaining == 149);
  CHECK_FALSE(take({10, 60}).allowed);  // 51 were spent
  const RateVerdict again = take({60, 60});
  CHECK(again.allowed);
  CHECK(again.remaining == 49);  // what is spent over a lower quota is cut to it
}

TEST_CASE("after a change of the quota nobody is one short: what was given back by half is given back") {
  const auto left = [](const Quota& before, Micros later, const Quota& after) {
    RateLimiter limiter;
    limiter.take({.tenant = "t_a", .env = "dev"}, "raw_presign", before, at(kStart));
    std::int64_t count = 0;
    while (limiter.take({.tenant = "t_a", .env = "dev"}, "raw_presign", after, at(kStart + later)).allowed) ++count;
    return count;
  };
  const Quota high{6000, 60}, low{5, 3600};  // one request in 10 ms, one in 12 minutes
  CHECK(left(high, 0, low) == 4);            // the control: what was spent just now counts
  CHECK(left(high, 4'999, low) == 4);
  CHECK(left(high, 5'000, low) == 5);
  CHECK(left(high, 10'000, low) == 5);
  CHECK(left(low, kSecond, high) == 5999);
  CHECK(left(low, 360 * kSecond, high) == 6000);
  CHECK(left(low, 0, high) == 5999);
}

TEST_CASE(
    "a changed quota makes no burst: who spent all of it has none of a lower one, and only the rest of a higher") {
  RateLimiter limiter;
  const auto count = [&](const Quota& quota, Micros later) {
    std::int64_t taken = 0;
    while (limiter.take({.tenant = "t_a", .env = "dev"}, "raw_presign", quota, at(kStart + later)).allowed) ++taken;
    return taken;
  };
  REQUIRE(count({100, 60}, 0) == 100);
  CHECK(count({10, 60}, 1) == 0);
  CHECK(count({100, 60}, 2) == 90);
  CHECK(count({200, 60}, 3) == 100);
}

TEST_CASE("a clock that begins at the start of the machine gives no more than the quota") {
  RateLimiter limiter;
  std::int64_t taken = 0;
  while (limiter.take({.tenant = "t_a", .env = "dev"}, "raw_presign", {3, 60}, at(0)).allowed) ++taken;
  CHECK(taken == 3);
}

TEST_CASE("tenants, envs and actions are limited apart") {
  RateLimiter limiter;
  const Quota quota{1, 60};
  CHECK(limiter.take({.tenant = "t_a", .env = "dev"}, "raw_presign", quota, at(kStart)).allowed);
  CHECK_FALSE(limiter.take({.tenant = "t_a", .env = "dev"}, "raw_presign", quota, at(kStart)).allowed);
  CHECK(limiter.take({.tenant = "t_b", .env = "dev"}, "raw_presign", quota, at(kStart)).allowed);
  CHECK(limiter.take({.tenant = "t_a", .env = "prod"}, "raw_presign", quota, at(kStart)).allowed);
  CHECK(limiter.take({.tenant = "t_a", .env = "dev"}, "raw_register", quota, at(kStart)).allowed);
}

}  // namespace
}  // namespace nexus
