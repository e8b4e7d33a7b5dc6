// Temperature as rows: per surface what was set of it, its bounds and weights one a row, and snapshots. What a breach
// is, and how the value is made of the metrics, is decided in daemon/gates.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/realm.hpp"
#include "store/metrics.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// What was set of a surface; version 0 is a surface of which nothing ever was.
struct TemperatureConfig {
  bool floors_set = false;
  bool ceilings_set = false;
  bool weights_set = false;
  std::int64_t version = 0;
  Micros updated_at = 0;
  std::string updated_by;
};

/// `kind` is performance_floor, cadence_floor, ceiling or weight.
struct TemperatureBound {
  std::string kind;
  std::string metric;
  double value = 0;
  std::optional<std::string> aggregate;  // of the KPI of that name, if one is defined
};

TemperatureConfig find_temperature(const Reader& reader, Realm realm, std::string_view surface);
void put_temperature(Tx& tx, Realm realm, std::string_view surface, const TemperatureConfig& config);

/// All bounds and weights of a surface, in order of kind and metric.
std::vector<TemperatureBound> list_bounds(const Reader& reader, Realm realm, std::string_view surface);
/// Replaces all of one kind.
void replace_bounds(Tx& tx, Realm realm, std::string_view surface, std::string_view kind,
                    const std::map<std::string, double>& values);

struct TemperatureSnapshot {
  std::string tenant_id;
  std::string env;
  std::string snapshot_id;
  std::string surface;
  double value = 0;
  std::string floors_breached;    // JSON array
  std::string ceilings_breached;  // JSON array
  std::string raw_metrics;        // JSON object
  Micros window_start = 0;
  Micros window_end = 0;
  Micros created_at = 0;
  std::string created_by;
};

void insert_snapshot(Tx& tx, const TemperatureSnapshot& snapshot);
/// Newest first, from before `before` ("" for the start).
std::vector<TemperatureSnapshot> list_snapshots(const Reader& reader, Realm realm, std::string_view surface,
                                                std::string_view before, int limit);

}  // namespace nexus::store
