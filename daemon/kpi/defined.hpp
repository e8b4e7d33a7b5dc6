// The definition that a corridor or an observation needs.
#pragma once
#include "daemon/kpi/kpi.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::kpi {

/// Throws a 422 that says how to define the KPI when there is no definition of `name`.
Definition defined(const store::Reader& reader, Realm realm, const std::string& name);

}  // namespace nexus::kpi
