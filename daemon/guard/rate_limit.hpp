// Rate limits by GCRA (the virtual-scheduling form of ITU-T I.371): per tenant, env and action, in memory. A quota of N
// requests per window may come at once; after that, one more fits every window/N. A restart grants one burst. Daemons
// that share a store each count for themselves, and each grants its part. Refused: counting in the store, which would
// make each request a write. Times are microseconds of the steady clock: a wall clock that is set gives no burst, and
// shuts nobody out.
#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"

namespace nexus {

struct Quota {
  std::int64_t requests = 6000;
  std::int64_t window_seconds = 60;
  bool operator==(const Quota&) const = default;
};

/// The part of the quota that each of so many daemons grants, rounded up. Where a balancer spreads a tenant's requests
/// evenly, they have the whole of it together, and at most one request less than there are daemons beyond it; a tenant
/// that always meets one daemon has that one's part. Refused: rounding down, by which nobody could spend a quota that
/// was promised.
Quota share_of(const Quota& quota, std::int64_t daemons);

struct RateVerdict {
  bool allowed = true;
  std::int64_t remaining = 0;      // requests that would fit now
  std::int64_t reset_seconds = 0;  // until the whole quota is there again
  std::int64_t retry_after = 0;    // seconds; 0 when allowed
};

/// One step of the algorithm: `arrival` is the theoretical arrival time so far (0 for none); it advances when the
/// request is allowed.
RateVerdict take_one(const Quota& quota, Micros now, Micros& arrival);

/// Converts the arrival time when the quota changes. The requests spent under `before` count as equally many under
/// `after`, so the new quota holds at once, a higher one too. One that `before` has given back by half counts as
/// given back: the rest of it could be hours of `after`.
Micros carry_over(const Quota& before, const Quota& after, Micros now, Micros arrival);

/// Thread-safe. Only callers who passed the guard get keys, so strangers cannot fill the table.
class RateLimiter {
 public:
  RateVerdict take(Realm realm, std::string_view action, const Quota& quota, std::chrono::steady_clock::time_point at);

 private:
  std::mutex mutex_;
  struct Entry {
    Micros arrival = 0;
    Quota quota = {};  // by which the arrival was counted
  };
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace nexus
