// The definition that a corridor and an observation need.
#pragma once
#include "daemon/kpi/kpi.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::kpi {

/// Throws the 422 that says how to define the KPI where `name` is none.
Definition defined(const store::Reader& reader, Realm realm, const std::string& name);

}  // namespace nexus::kpi
