// Sums over all tenants, for GET /metrics alone.
#pragma once
#include "store/query.hpp"

namespace nexus::store {

struct AuditFigures {
  std::int64_t chains = 0;  // one a tenant and env that has rows
  std::int64_t rows = 0;    // of all chains; audit rows are never pruned
};
/// Reads one row a chain.
AuditFigures audit_figures(const Reader& reader);

}  // namespace nexus::store
