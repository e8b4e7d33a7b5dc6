// Metric rollups: what was observed (source 'kpi') or came with usage (source 'usage'), summed, counted and last seen
// per hour and per day, for its surface and for '*'. Written in the transaction of what they count, so that the gates
// read a window in a few rows whatever lies behind them. What a metric means, and how it is aggregated, is decided
// above.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/base/realm.hpp"
#include "store/rollups.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct MetricSample {
  std::optional<std::string> surface;  // without one it counts in '*' alone
  std::string metric;
  double value = 0;
  Micros at = 0;
};

/// Sums are kept within the range of a double: they never become infinite, nor no number at all.
struct MetricTotals {
  double sum = 0;
  std::int64_t count = 0;
  double last = 0;  // the value with the latest time; of two, the one written later
  Micros last_at = 0;
};

void add_metrics(Tx& tx, Realm realm, std::string_view source, std::span<const MetricSample> samples);

/// The totals of one metric of one surface ('*' for all) over `hours`.
MetricTotals read_window(const Reader& reader, Realm realm, std::string_view surface, std::string_view source,
                         std::string_view metric, Span hours);

}  // namespace nexus::store
