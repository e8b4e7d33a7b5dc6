#include "store/gate_marks.hpp"

#include <cstring>

#include "daemon/base/crypto.hpp"

namespace nexus::store {

GateMarks find_gate_marks(const Reader& reader, Realm realm) {
  Query q = reader.query("SELECT kind = 'measures', mark FROM gate_marks WHERE tenant_id = ?1 AND env = ?2", realm);
  GateMarks marks;
  while (q.next()) (q.boolean(0) ? marks.measures : marks.configuration) = q.integer(1);
  return marks;
}

void mark_measures(Tx& tx, Realm realm) {
  std::int64_t mark = 0;
  const std::string drawn = random_bytes(sizeof mark);
  std::memcpy(&mark, drawn.data(), sizeof mark);
  tx.run(
      "INSERT INTO gate_marks (tenant_id, env, kind, mark) VALUES (?1, ?2, 'measures', ?3) "
      "ON CONFLICT (tenant_id, env, kind) DO UPDATE SET mark = excluded.mark",
      realm, mark);
}

}  // namespace nexus::store
