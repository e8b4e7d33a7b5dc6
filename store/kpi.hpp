// Lists of KPI corridors. All other statements on KPIs are derived (store/model_rows.hpp). An observation also counts
// in the metric rollups (source 'kpi'), in the same transaction. daemon/gates decides what a corridor forbids.
#pragma once
#include <string_view>
#include <vector>

#include "daemon/kpi/kpi.hpp"
#include "store/metrics.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

using KpiCorridor = kpi::Corridor;

/// The corridors that apply to a surface: its own and those of '*', each with the aggregate of its KPI.
std::vector<KpiCorridor> corridors_of(const Reader& reader, Realm realm, std::string_view surface);
/// In order of surface and name, from behind the given ones.
std::vector<KpiCorridor> list_corridors(const Reader& reader, Realm realm, std::string_view after_surface,
                                        std::string_view after_name, int limit);

/// Writes the observation and its rollups.
void insert_observation(Tx& tx, const kpi::Observation& observation);

/// The value of a metric's totals by `aggregate`: "sum", "mean" or "last". 0 without data.
double aggregated(const MetricTotals& totals, std::string_view aggregate);

}  // namespace nexus::store
