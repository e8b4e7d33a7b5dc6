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

std::string over_window(std::string_view arm) {
  constexpr std::string_view mark = "{window}";
  std::string out;
  for (const char* window : {"span = 'day' AND start BETWEEN ?3 AND ?4", "span = 'hour' AND start BETWEEN ?5 AND ?6",
                             "span = 'hour' AND start BETWEEN ?7 AND ?8"}) {
    std::string text(arm);
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark)) text.replace(at, mark.size(), window);
    out.append(out.empty() ? "" : " UNION ALL ").append(text);
  }
  return out;
}

}  // namespace nexus::store
