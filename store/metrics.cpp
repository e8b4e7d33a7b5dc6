#include "store/metrics.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "store/gate_marks.hpp"

namespace nexus::store {
namespace {

/// surface, metric, whether a day, start
using RollupKey = std::tuple<std::string, std::string, bool, std::int64_t>;

double within_double(double sum) {
  constexpr double most = std::numeric_limits<double>::max();
  return std::clamp(sum, -most, most);
}

void merge(MetricTotals& totals, const MetricTotals& more) {
  if (more.count == 0) return;
  totals.sum = within_double(totals.sum + more.sum);
  if (totals.count == 0 || more.last_at >= totals.last_at) {
    totals.last = more.last;
    totals.last_at = more.last_at;
  }
  totals.count += more.count;
}

void upsert(Tx& tx, Realm realm, std::string_view source, const RollupKey& key, const MetricTotals& more) {
  const auto& [surface, metric, is_day, start] = key;
  tx.run(
      "INSERT INTO metric_rollups (tenant_id, env, surface, source, metric, span, start, sum, count, last, last_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
      "ON CONFLICT (tenant_id, env, surface, source, metric, span, start) DO UPDATE SET "
      "sum = CASE WHEN metric_rollups.sum + excluded.sum > 1.7976931348623157e308 THEN 1.7976931348623157e308 "
      "WHEN metric_rollups.sum + excluded.sum < -1.7976931348623157e308 THEN -1.7976931348623157e308 "
      "ELSE metric_rollups.sum + excluded.sum END, count = metric_rollups.count + excluded.count, "
      "last = CASE WHEN excluded.last_at >= metric_rollups.last_at THEN excluded.last ELSE metric_rollups.last END, "
      "last_at = CASE WHEN excluded.last_at > metric_rollups.last_at THEN excluded.last_at "
      "ELSE metric_rollups.last_at END",
      realm, surface, source, metric, is_day ? "day" : "hour", start, more.sum, more.count, more.last, more.last_at);
}

}  // namespace

void add_metrics(Tx& tx, Realm realm, std::string_view source, std::span<const MetricSample> samples) {
  // A batch touches few rows many times, so it is added up here first.
  std::map<RollupKey, MetricTotals> totals_of;
  for (const MetricSample& sample : samples) {
    const MetricTotals one{sample.value, 1, sample.value, sample.at};
    for (const std::string& surface : {std::string("*"), sample.surface.value_or("*")}) {
      merge(totals_of[{surface, sample.metric, false, hour_of(sample.at)}], one);
      merge(totals_of[{surface, sample.metric, true, day_of(sample.at)}], one);
      if (!sample.surface || *sample.surface == "*") break;
    }
  }
  for (const auto& [key, totals] : totals_of) upsert(tx, realm, source, key, totals);
  if (!totals_of.empty()) mark_measures(tx, realm);
}

#define NEXUS_IN_STRETCH(span, first, last)                                                     \
  "FROM metric_rollups WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 AND source = ?4 AND " \
  "metric = ?5 AND span = '" span "' AND start BETWEEN " first " AND " last
#define NEXUS_STRETCH(span, first, last)         \
  "SELECT coalesce(sum(sum), 0.0), sum(count), " \
  "(SELECT last " NEXUS_IN_STRETCH(              \
      span, first, last) " ORDER BY last_at DESC LIMIT 1), max(last_at) " NEXUS_IN_STRETCH(span, first, last)

MetricTotals read_window(const Reader& reader, Realm realm, std::string_view surface, std::string_view source,
                         std::string_view metric, Span hours) {
  // The store adds up each of the three spans.
  const WindowRows rows = rows_of(hours);
  Query q = reader.query(NEXUS_STRETCH("day", "?6", "?7") " UNION ALL " NEXUS_STRETCH(
                             "hour", "?8", "?9") " UNION ALL " NEXUS_STRETCH("hour", "?10", "?11"),
                         realm, surface, source, metric, rows.days.first, rows.days.last, rows.hours_before.first,
                         rows.hours_before.last, rows.hours_after.first, rows.hours_after.last);
  MetricTotals totals;
  while (q.next()) merge(totals, {q.real(0), q.integer(1), q.real(2), q.integer(3)});
  return totals;
}

#undef NEXUS_STRETCH
#undef NEXUS_IN_STRETCH

}  // namespace nexus::store
