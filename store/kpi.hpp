// Lists of KPI corridors; all else of KPIs' rows is derived (store/model_rows.hpp). An observation also counts in the
// metric rollups (source 'kpi'), in the same transaction. What a corridor forbids is decided in daemon/gates.
#pragma once
#include <string_view>
#include <vector>

#include "daemon/kpi/kpi.hpp"
#include "store/metrics.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

using KpiCorridor = kpi::Corridor;

/// The corridors that judge a surface: its own and those of '*', each with the aggregate of its KPI.
std::vector<KpiCorridor> corridors_of(const Reader& reader, Realm realm, std::string_view surface);
/// In order of surface and name, from behind those given.
std::vector<KpiCorridor> list_corridors(const Reader& reader, Realm realm, std::string_view after_surface,
                                        std::string_view after_name, int limit);

/// Writes the observation and its rollups.
void insert_observation(Tx& tx, const kpi::Observation& observation);

/// What a metric's totals come to: "sum", "mean" or "last"; 0 without data.
double aggregated(const MetricTotals& totals, std::string_view aggregate);

}  // namespace nexus::store
