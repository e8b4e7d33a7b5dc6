#include "store/postgres/outcome.hpp"

#include "store/postgres/locks.hpp"
#include "store/rows.hpp"

namespace nexus::store {

bool was_committed(PostgresSession& session, const Proof& proof) {
  session.begin(Isolation::read_committed);
  Tx tx(session);
  Locks locks;
  locks.add(proof.place.realm());
  locks.take(tx);
  const auto hash = first(tx.query("SELECT hash FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3",
                                   proof.place.realm(), proof.seq),
                          only_text);
  session.rollback();
  return hash == proof.hash;
}

}  // namespace nexus::store
