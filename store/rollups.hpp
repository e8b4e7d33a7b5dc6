// Windows of rollups: which day rows and which hour rows add up to the current UTC hour and the N·24 hours before it.
// Budget and metrics read their rows by it.
#pragma once
#include "daemon/base/clock.hpp"
#include "store/query.hpp"

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

/// `arm` for the day rows and for the hour rows of a window, joined by UNION ALL. In each, `{window}` is the condition
/// on span and start; query_window binds its parameters, ?3 to ?8.
std::string over_window(std::string_view arm);

/// Runs a statement of over_window. `args` are ?9 and what follows.
template <class... Args>
Query query_window(const Reader& reader, std::string_view text, Realm realm, Span hours, const Args&... args) {
  const WindowRows rows = rows_of(hours);
  return reader.query(text, realm, rows.days.first, rows.days.last, rows.hours_before.first, rows.hours_before.last,
                      rows.hours_after.first, rows.hours_after.last, args...);
}

/// When the window begins.
inline Micros window_start(Span hours) { return hours.first * kHour; }

}  // namespace nexus::store
