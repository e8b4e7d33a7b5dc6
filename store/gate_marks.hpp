// Marks of what the gates read: one for the configuration of a tenant and env, one for its measures (the rollups). A
// mark is drawn anew, at random, with every change, in the transaction of the change; so equal marks mean an equal
// state, on every connection, whatever was rolled back in between. Configuration is marked by triggers
// (migrations/0023_housekeeping.sql), measures by those who add to the rollups.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Nothing: nothing of the kind was ever written.
struct GateMarks {
  std::optional<std::int64_t> configuration;
  std::optional<std::int64_t> measures;
};

GateMarks find_gate_marks(const Reader& reader, Realm realm);
/// To be called by everything that writes rollups, after it wrote them.
void mark_measures(Tx& tx, Realm realm);

}  // namespace nexus::store
