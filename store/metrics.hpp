// Metric rollups: sum, count and last value per hour and per day, for a surface and for '*', of observations (source
// 'kpi') and usage (source 'usage'). They are written in the transaction of the values, so that the gates read any
// window in a few rows. The callers decide what a metric means and how it is aggregated.
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
  std::optional<std::string> surface;  // empty: counts in '*' alone
  std::string metric;
  double value = 0;
  Micros at = 0;
};

/// Sums stay within the range of a double: they never become infinite or NaN.
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
