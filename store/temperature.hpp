// The bounds and weights of a surface's temperature, one per row. All other statements are derived
// (store/model_rows.hpp). daemon/gates decides what a breach is, and how the metrics make the value.
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

/// `kind` is performance_floor, cadence_floor, ceiling or weight.
struct TemperatureBound {
  std::string kind;
  std::string metric;
  double value = 0;
  std::optional<std::string> aggregate;  // of the KPI of that name, if defined
};

/// All bounds and weights of a surface, in order of kind and metric.
std::vector<TemperatureBound> list_bounds(const Reader& reader, Realm realm, std::string_view surface);
/// Replaces all bounds of one kind.
void replace_bounds(Tx& tx, Realm realm, std::string_view surface, std::string_view kind,
                    const std::map<std::string, double>& values);

}  // namespace nexus::store
