// Rate limits by GCRA (the virtual-scheduling form of ITU-T I.371): per tenant, env and action, in memory. A quota of N
// requests a window may come at once; after that, one more fits every window/N. A restart grants one burst.
#pragma once
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

struct RateVerdict {
  bool allowed = true;
  std::int64_t remaining = 0;      // requests that would fit now
  std::int64_t reset_seconds = 0;  // until the whole quota is there again
  std::int64_t retry_after = 0;    // seconds; 0 when allowed
};

/// One step of the algorithm: `arrival` is the theoretical arrival time so far (0 for none) and is moved when allowed.
RateVerdict take_one(const Quota& quota, Micros now, Micros& arrival);

/// The same arrival time when the quota changes: what was spent under `before` counts as many requests under `after`,
/// so that the new quota holds at once, a higher one too.
Micros carry_over(const Quota& before, const Quota& after, Micros now, Micros arrival);

/// Thread-safe. Keys are only made for callers who passed the guard, so strangers cannot fill the table.
class RateLimiter {
 public:
  RateVerdict take(Realm realm, std::string_view action, const Quota& quota, Micros now);

 private:
  std::mutex mutex_;
  struct Entry {
    Micros arrival = 0;
    Quota quota = {};  // that the arrival was counted by
  };
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace nexus
