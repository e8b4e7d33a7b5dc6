// KPI definitions, corridors and observations as rows; an observation also counts in the metric rollups (source 'kpi'),
// in the same transaction. What a corridor forbids is decided in daemon/gates.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/realm.hpp"
#include "store/metrics.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct KpiDefinition {
  std::string tenant_id;
  std::string env;
  std::string name;
  std::optional<std::string> surface;  // of observations that name none
  std::optional<std::string> unit;
  std::string aggregate;  // sum | mean | last
  Micros created_at = 0;
  std::string created_by;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

std::optional<KpiDefinition> find_kpi(const Reader& reader, Realm realm, std::string_view name);
/// In order of name, from behind `after`.
std::vector<KpiDefinition> list_kpis(const Reader& reader, Realm realm, std::string_view after, int limit);
/// Inserts, or replaces what it says but not who made it.
void put_kpi(Tx& tx, const KpiDefinition& definition);

struct KpiCorridor {
  std::string tenant_id;
  std::string env;
  std::string surface;  // '*' is of all surfaces
  std::string kpi_name;
  std::optional<double> floor;
  std::optional<double> ceiling;
  int window_days = 7;
  bool require_data = false;
  Micros updated_at = 0;
  std::string updated_by;
  std::string aggregate = {};  // read from the definition
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

std::optional<KpiCorridor> find_corridor(const Reader& reader, Realm realm, std::string_view surface,
                                         std::string_view kpi_name);
/// The corridors that judge a surface: its own and those of '*'.
std::vector<KpiCorridor> corridors_of(const Reader& reader, Realm realm, std::string_view surface);
/// In order of surface and name, from behind those given.
std::vector<KpiCorridor> list_corridors(const Reader& reader, Realm realm, std::string_view after_surface,
                                        std::string_view after_name, int limit);
void put_corridor(Tx& tx, const KpiCorridor& corridor);

struct KpiObservation {
  std::string tenant_id;
  std::string env;
  std::string observation_id;
  std::string kpi_name;
  std::optional<std::string> surface;  // without one it counts in '*' alone
  double value = 0;
  Micros observed_at = 0;
  Micros created_at = 0;
  std::string created_by;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

/// Writes the observation and its rollups.
void insert_observation(Tx& tx, const KpiObservation& observation);
/// Newest first by id, from before `before` ("" for the start).
std::vector<KpiObservation> list_observations(const Reader& reader, Realm realm, std::string_view before, int limit);

/// What a metric's totals come to: "sum", "mean" or "last"; 0 without data.
double aggregated(const MetricTotals& totals, std::string_view aggregate);

}  // namespace nexus::store
