// Metric rollups: sum, count and last value per hour and per day, for a surface and for '*', of observations (source
// 'kpi') and usage (source 'usage'). They are written in the transaction of the values, so that the gates read any
// window in a few rows. The callers decide what a metric means and how it is aggregated. Also the lists of KPI
// corridors; all other statements on KPIs are derived (store/model_rows.hpp).
#pragma once

#include "daemon/base/realm.hpp"
#include "daemon/kpi/kpi.hpp"
#include "store/query.hpp"
#include "store/rollups.hpp"

namespace nexus::store {

struct MetricSample {
  std::optional<std::string> surface;  // empty: counts in '*' alone
  std::string metric;
  double value = 0;
  Micros at = 0;
};

/// Sums stay within the range of a double: they never become infinite or NaN. They are compensated (Neumaier 1974):
/// `sum_rest` is what rounding took from `sum`, so that many small values beside a large one are not lost.
struct MetricTotals {
  double sum = 0;
  double sum_rest = 0;
  std::int64_t count = 0;
  double last = 0;  // the value with the latest time; of two, the one written later
  Micros last_at = 0;
};

/// The sum, with what rounding took from it.
double sum_of(const MetricTotals& totals);

/// What samples add to one row: that of an hour, or of a day, since 1970.
struct MetricRow {
  std::string surface, metric;
  bool is_day = false;
  std::int64_t start = 0;
  MetricTotals totals;
};
/// What samples add to the rollups, each row once: a batch touches few rows many times. It is made before the unit that
/// adds it.
std::vector<MetricRow> metric_rows(std::span<const MetricSample> samples);
/// Marks the measures as changed, unless there are no rows.
void add_metrics(Tx& tx, Realm realm, std::string_view source, std::span<const MetricRow> rows);

/// Makes the rows to which `voided` had added anew from what is left. `left` gives (surface, metric, value, at) of
/// every sample of the days of `voided` that still counts, by time; of two of one time, the one written later comes
/// last.
void remake_metrics(Tx& tx, Realm realm, std::string_view source, std::span<const MetricSample> voided, Query left);

/// The totals of one metric of one surface ('*' for all) over `hours`.
MetricTotals read_window(const Reader& reader, Realm realm, std::string_view surface, std::string_view source,
                         std::string_view metric, Span hours);

// ---- KPIs ----------------------------------------------------------------------------------------------------------

using KpiCorridor = kpi::Corridor;

/// The corridors that apply to a surface: its own and those of '*', each with the aggregate of its KPI.
std::vector<KpiCorridor> corridors_of(const Reader& reader, Realm realm, std::string_view surface);
/// In order of surface and name, from behind the given ones.
std::vector<KpiCorridor> list_corridors(const Reader& reader, Realm realm, std::string_view after_surface,
                                        std::string_view after_name, int limit);

void remove_corridor(Tx& tx, Realm realm, std::string_view surface, std::string_view kpi_name);
/// Whether there is another corridor, of whatever KPI and surface.
bool has_other_corridor(const Reader& reader, Realm realm, std::string_view surface, std::string_view kpi_name);

/// Writes the observation and its rollups (source 'kpi').
void insert_observation(Tx& tx, const kpi::Observation& observation);

/// Writes that the observation is voided, and makes its rollups anew from the observations left.
void void_observation(Tx& tx, const kpi::Observation& observation);

/// The value of a metric's totals by `aggregate`: "sum", "mean" or "last". 0 without data.
double aggregated(const MetricTotals& totals, std::string_view aggregate);

}  // namespace nexus::store
