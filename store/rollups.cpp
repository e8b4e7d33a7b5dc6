#include "store/rollups.hpp"

namespace nexus::store {

Span window_hours(Micros now, std::int64_t days) {
  const std::int64_t hour = hour_of(now);
  return {hour - std::int64_t{24} * days, hour};
}

WindowRows rows_of(Span hours) {
  const std::int64_t day_first = (hours.first + 23) / 24;
  const std::int64_t day_end = (hours.last + 1) / 24;  // the first day that is not whole any more
  if (day_first >= day_end) return {.hours_before = hours, .days = {}, .hours_after = {}};
  return {.hours_before = {hours.first, day_first * 24 - 1},
          .days = {day_first, day_end - 1},
          .hours_after = {day_end * 24, hours.last}};
}

Micros window_start(Span hours) { return hours.first * kHour; }

}  // namespace nexus::store
