// Windows of rollups: which day rows and which hour rows add up to the current UTC hour and the N·24 hours before it.
// Plain arithmetic over hours and days since 1970; budget and metrics read their rows by it.
#pragma once
#include <cstdint>

#include "daemon/base/clock.hpp"

namespace nexus::store {

/// Hours (or days) since 1970, both ends inclusive; empty if `last` is before `first`.
struct Span {
  std::int64_t first = 0;
  std::int64_t last = -1;
  bool operator==(const Span&) const = default;
};

inline std::int64_t hour_of(Micros at) { return at / kHour; }
inline std::int64_t day_of(Micros at) { return at / kDay; }

/// The hours of a window of `days` days: the hour of `now` and the 24 · days before it.
Span window_hours(Micros now, std::int64_t days);

/// The same hours as whole UTC days where they fill any, and single hours at both ends.
struct WindowRows {
  Span hours_before;
  Span days;
  Span hours_after;
};
WindowRows rows_of(Span hours);

/// When the window begins.
Micros window_start(Span hours);

}  // namespace nexus::store
