#include "daemon/guard/rate_limit.hpp"

#include <algorithm>

namespace nexus {
namespace {

constexpr std::size_t kKeysMax = 100'000;

Micros interval_of(const Quota& quota) {
  return std::max<Micros>(1, quota.window_seconds * kSecond / std::max<std::int64_t>(1, quota.requests));
}

std::int64_t ceil_seconds(Micros span) { return (span + kSecond - 1) / kSecond; }

}  // namespace

Quota share_of(const Quota& quota, std::int64_t daemons) {
  if (daemons <= 1 || quota.requests <= 0) return quota;
  return {(quota.requests - 1) / daemons + 1, quota.window_seconds};
}

RateVerdict take_one(const Quota& quota, Micros now, Micros& arrival) {
  const Micros interval = interval_of(quota);
  // As many whole intervals as the quota. The window itself is longer by the division's remainder and would let more
  // in.
  const Micros burst = interval * std::max<std::int64_t>(0, quota.requests);
  // This quota cannot lead so far ahead: a lower one did. The arrival is cut so that one request fits now: no debt
  // outlives its quota, and none becomes a burst. Threads read the clock out of order by less than this margin.
  if (burst > 0 && arrival > now + burst + kSecond) arrival = now + burst - interval;
  const Micros start = std::max(arrival, now);
  RateVerdict verdict;
  if (start + interval - now > burst) {
    verdict.allowed = false;
    verdict.retry_after = std::max<std::int64_t>(1, ceil_seconds(start + interval - now - burst));
  } else {
    arrival = start + interval;
  }
  const Micros used = std::max<Micros>(0, arrival - now);
  verdict.remaining = std::max<std::int64_t>(0, (burst - used) / interval);
  verdict.reset_seconds = ceil_seconds(used);
  return verdict;
}

Micros carry_over(const Quota& before, const Quota& after, Micros now, Micros arrival) {
  if (before == after || arrival <= now) return arrival;
  const Micros interval = interval_of(before);
  const Micros spent = (arrival - now + (interval - 1) / 2) / interval;
  return now + std::min(spent, std::max<std::int64_t>(0, after.requests)) * interval_of(after);
}

RateVerdict RateLimiter::take(Realm realm, std::string_view action, const Quota& quota,
                              std::chrono::steady_clock::time_point at) {
  const Micros now = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
  thread_local std::string key;  // kept, so that a known key allocates nothing
  key.clear();
  key.append(realm.tenant).append(1, '\n').append(realm.env).append(1, '\n').append(action);
  const std::lock_guard lock(mutex_);
  if (entries_.size() > kKeysMax) std::erase_if(entries_, [&](const auto& item) { return item.second.arrival <= now; });
  Entry& entry = entries_[key];
  entry.arrival = carry_over(entry.quota, quota, now, entry.arrival);
  entry.quota = quota;
  return take_one(quota, now, entry.arrival);
}

}  // namespace nexus
