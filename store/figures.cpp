#include "store/figures.hpp"

namespace nexus::store {

AuditFigures audit_figures(const Reader& reader) {
  Query sums = reader.query("SELECT count(*), coalesce(sum(seq), 0) FROM audit_heads");
  if (!sums.next()) return {};
  return {sums.integer(0), sums.integer(1)};
}

}  // namespace nexus::store
