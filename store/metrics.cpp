#include "store/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "store/gates.hpp"
#include "store/many_rows.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

using kpi::kCorridor;

namespace {

/// surface, metric, whether a day, start
using MetricBucket = std::tuple<std::string_view, std::string_view, bool, std::int64_t>;

double within_double(double sum) {
  constexpr double most = std::numeric_limits<double>::max();
  return std::clamp(sum, -most, most);
}

/// What rounding takes from `a + b` (Knuth's TwoSum). 0 where the sum left the range of a double.
double rest_of_sum(double a, double b) {
  const double sum = a + b, b_taken = sum - a;
  const double rest = (a - (sum - b_taken)) + (b - b_taken);
  return std::isfinite(rest) ? rest : 0;
}

void merge(MetricTotals& totals, const MetricTotals& more) {
  if (more.count == 0) return;
  totals.sum_rest = within_double(totals.sum_rest + more.sum_rest + rest_of_sum(totals.sum, more.sum));
  totals.sum = within_double(totals.sum + more.sum);
  if (totals.count == 0 || more.last_at >= totals.last_at) {
    totals.last = more.last;
    totals.last_at = more.last_at;
  }
  totals.count += more.count;
}

/// The rows to which a sample adds: its hour and its day, of all surfaces and of its own ('*' where it has none).
template <class Visit>
void each_bucket(std::string_view own, std::string_view metric, Micros at, Visit visit) {
  for (const std::string_view surface : {std::string_view("*"), own}) {
    visit(MetricBucket{surface, metric, false, hour_of(at)});
    visit(MetricBucket{surface, metric, true, day_of(at)});
    if (own == "*") return;
  }
}

}  // namespace

std::vector<MetricRow> metric_rows(std::span<const MetricSample> samples) {
  std::map<MetricBucket, MetricTotals> buckets;
  for (const MetricSample& sample : samples) {
    const MetricTotals one{.sum = sample.value, .count = 1, .last = sample.value, .last_at = sample.at};
    const std::string_view own = sample.surface ? std::string_view(*sample.surface) : "*";
    each_bucket(own, sample.metric, sample.at, [&](const MetricBucket& bucket) { merge(buckets[bucket], one); });
  }
  std::vector<MetricRow> rows;
  rows.reserve(buckets.size());
  for (const auto& [bucket, totals] : buckets) {
    const auto& [surface, metric, is_day, start] = bucket;
    rows.push_back({std::string(surface), std::string(metric), is_day, start, totals});
  }
  return rows;
}

void add_metrics(Tx& tx, Realm realm, std::string_view source, std::span<const MetricRow> rows) {
  // The assignments all see the row as it was. `sum_rest` grows as by rest_of_sum. No expression leaves the range of a
  // double: SQLite would go on with an infinity, but PostgreSQL refuses the statement.
#define NEXUS_ABOVE "kept.sum > 0 AND excluded.sum >= 1.7976931348623157e308 - kept.sum"
#define NEXUS_BELOW "kept.sum < 0 AND excluded.sum <= -1.7976931348623157e308 - kept.sum"
  static const ManyRows upsert(
      "INSERT INTO metric_rollups AS kept (tenant_id, env, surface, source, metric, span, start, sum, sum_rest, count, "
      "last, last_at)",
      12,
      "ON CONFLICT (tenant_id, env, surface, source, metric, span, start) DO UPDATE SET "
      "sum = CASE WHEN " NEXUS_ABOVE " THEN 1.7976931348623157e308 WHEN " NEXUS_BELOW
      " THEN -1.7976931348623157e308 ELSE kept.sum + excluded.sum END, "
      "sum_rest = CASE WHEN " NEXUS_ABOVE " OR " NEXUS_BELOW
      " THEN 0.0 WHEN abs(kept.sum + excluded.sum) > 1e308 THEN 0.0 ELSE kept.sum_rest + excluded.sum_rest "
      "+ (kept.sum - ((kept.sum + excluded.sum) - ((kept.sum + excluded.sum) - kept.sum))) "
      "+ (excluded.sum - ((kept.sum + excluded.sum) - kept.sum)) END, "
      "count = kept.count + excluded.count, "
      "last = CASE WHEN excluded.last_at >= kept.last_at THEN excluded.last ELSE kept.last END, "
      "last_at = CASE WHEN excluded.last_at > kept.last_at THEN excluded.last_at ELSE kept.last_at END");
#undef NEXUS_ABOVE
#undef NEXUS_BELOW
  upsert.run(tx, rows, [&](std::vector<Argument>& arguments, const MetricRow& row) {
    const MetricTotals& more = row.totals;
    arguments.insert(arguments.end(),
                     {realm.tenant, realm.env, row.surface, source, row.metric, row.is_day ? "day" : "hour", row.start,
                      more.sum, more.sum_rest, more.count, more.last, more.last_at});
  });
  if (!rows.empty()) mark_measures(tx, realm);
}

void remake_metrics(Tx& tx, Realm realm, std::string_view source, std::span<const MetricSample> voided, Query left) {
  std::vector<MetricRow> rows = metric_rows(voided);
  std::map<MetricBucket, MetricTotals*> touched;
  for (MetricRow& row : rows) {
    row.totals = MetricTotals();
    touched[{row.surface, row.metric, row.is_day, row.start}] = &row.totals;
  }
  while (left.next()) {
    const std::string_view own = left.is_null(0) ? "*" : left.text_view(0);
    const MetricTotals one{.sum = left.real(2), .count = 1, .last = left.real(2), .last_at = left.integer(3)};
    each_bucket(own, left.text_view(1), one.last_at, [&](const MetricBucket& bucket) {
      if (const auto found = touched.find(bucket); found != touched.end()) merge(*found->second, one);
    });
  }
  for (const MetricRow& row : rows)
    tx.run(
        "DELETE FROM metric_rollups WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 AND source = ?4 "
        "AND metric = ?5 AND span = ?6 AND start = ?7",
        realm, row.surface, source, row.metric, row.is_day ? "day" : "hour", row.start);
  if (!rows.empty()) mark_measures(tx, realm);
  std::erase_if(rows, [](const MetricRow& row) { return row.totals.count == 0; });
  add_metrics(tx, realm, source, rows);
}

MetricTotals read_window(const Reader& reader, Realm realm, std::string_view surface, std::string_view source,
                         std::string_view metric, Span hours) {
  static const std::string text = over_window(
      "SELECT sum, sum_rest, count, last, last_at FROM metric_rollups WHERE tenant_id = ?1 AND env = ?2 "
      "AND surface = ?9 AND source = ?10 AND metric = ?11 AND {window}");
  Query q = query_window(reader, text, realm, hours, surface, source, metric);
  MetricTotals totals;
  while (q.next()) merge(totals, {q.real(0), q.real(1), q.integer(2), q.real(3), q.integer(4)});
  return totals;
}

double sum_of(const MetricTotals& totals) { return within_double(totals.sum + totals.sum_rest); }

std::vector<KpiCorridor> corridors_of(const Reader& reader, Realm realm, std::string_view surface) {
  static const std::string text =
      "SELECT " + columns_text(kCorridor.specs(), "c.") +
      ", d.aggregate FROM kpi_corridors c CROSS JOIN kpi_definitions d "
      "WHERE d.tenant_id = c.tenant_id AND d.env = c.env AND d.name = c.kpi_name AND c.tenant_id = ?1 AND c.env = ?2 "
      "AND c.surface IN (?3, '*') ORDER BY c.surface DESC, c.kpi_name DESC";
  return all(reader.query(text, realm, surface), [](const Query& q) {
    KpiCorridor corridor = row_of<kCorridor>(q);
    corridor.aggregate = q.text(static_cast<int>(kCorridor.fields.size()));
    return corridor;
  });
}

std::vector<KpiCorridor> list_corridors(const Reader& reader, Realm realm, std::string_view after_surface,
                                        std::string_view after_name, int limit) {
  static const std::string text =
      select_rows<kCorridor>() + "AND (surface, kpi_name) > (?3, ?4) ORDER BY surface, kpi_name LIMIT ?5";
  return all(reader.query(text, realm, after_surface, after_name, limit), row_of<kCorridor>);
}

void remove_corridor(Tx& tx, Realm realm, std::string_view surface, std::string_view kpi_name) {
  tx.run("DELETE FROM kpi_corridors WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 AND kpi_name = ?4", realm,
         surface, kpi_name);
}

bool has_other_corridor(const Reader& reader, Realm realm, std::string_view surface, std::string_view kpi_name) {
  return reader
      .query("SELECT 1 FROM kpi_corridors WHERE tenant_id = ?1 AND env = ?2 AND (surface, kpi_name) <> (?3, ?4)", realm,
             surface, kpi_name)
      .next();
}

void insert_observation(Tx& tx, const kpi::Observation& observation) {
  insert_row<kpi::kObservation>(tx, observation);
  const MetricSample sample{observation.surface, observation.kpi_name, observation.value, observation.observed_at};
  add_metrics(tx, observation.realm(), "kpi", metric_rows(std::span(&sample, 1)));
}

void void_observation(Tx& tx, const kpi::Observation& observation) {
  update_row<kpi::kObservation>(tx, observation);
  const MetricSample voided{observation.surface, observation.kpi_name, observation.value, observation.observed_at};
  const Micros day = day_of(observation.observed_at) * kDay;
  remake_metrics(tx, observation.realm(), "kpi", std::span(&voided, 1),
                 tx.query("SELECT surface, kpi_name, value, observed_at FROM kpi_observations "
                          "WHERE tenant_id = ?1 AND env = ?2 AND kpi_name = ?3 AND observed_at >= ?4 "
                          "AND observed_at < ?5 AND voided_at IS NULL ORDER BY observed_at, observation_id",
                          observation.realm(), observation.kpi_name, day, day + kDay));
}

double aggregated(const MetricTotals& totals, std::string_view aggregate) {
  if (totals.count == 0) return 0;
  if (aggregate == "mean") return sum_of(totals) / static_cast<double>(totals.count);
  return aggregate == "last" ? totals.last : sum_of(totals);
}

}  // namespace nexus::store
