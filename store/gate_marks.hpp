// Marks of the state that the gates read: one for the configuration of a tenant and env, one for its measures (the
// rollups). Every change sets a new random mark in its own transaction. So equal marks mean an equal state, on every
// connection, whatever was rolled back in between. Triggers mark the configuration (migrations/0023_housekeeping.sql);
// code that adds to the rollups marks the measures.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Empty members: nothing of this kind was ever written.
struct GateMarks {
  std::optional<std::int64_t> configuration;
  std::optional<std::int64_t> measures;
};

GateMarks find_gate_marks(const Reader& reader, Realm realm);
/// Must be called after every write of rollups.
void mark_measures(Tx& tx, Realm realm);

}  // namespace nexus::store
