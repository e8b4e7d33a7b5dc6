#include "store/postgres/outcome.hpp"

#include "store/postgres/locks.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

bool has_row(PostgresSession& session, const ProvingRow& row) {
  session.begin(Isolation::read_committed);
  Tx tx(session);
  Locks locks;
  locks.add(row.place.realm());
  locks.take(tx);
  const auto hash = first(tx.query("SELECT hash FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3",
                                   row.place.realm(), row.seq),
                          only_text);
  session.rollback();
  return hash == row.hash;
}

/// A server that has forgotten the transaction knows no more than we do.
bool is_known_as_committed(PostgresSession& session, const std::string& transaction) {
  const Reader reader(session);
  const auto status = first(reader.query("SELECT pg_xact_status(CAST(?1 AS xid8))", transaction), only_text);
  if (status == "committed") return true;
  if (status == "aborted") return false;
  throw Error(Failure::busy, "postgres: the transaction whose COMMIT was lost has no outcome yet");
}

/// Commits something. It waits for standbys as every commit does, and comes after all that was committed. A standby
/// refuses it: what is not there may be missing there alone.
void require_as_safe_as_configured(PostgresSession& session, Standby standby) {
  session.begin(Isolation::read_committed);
  Tx tx(session);
  tx.run("SELECT pg_logical_emit_message(true, 'nexusd', 'outcome')");
  if (session.commit(standby) == Committed::here_alone)
    throw Error(standby == Standby::demanded ? Failure::unreplicated : Failure::other,
                "postgres: the server commits without a synchronous standby");
}

}  // namespace

bool was_committed(PostgresSession& session, const Proof& proof, Standby standby) {
  const bool committed = proof.row ? has_row(session, *proof.row) : is_known_as_committed(session, proof.transaction);
  require_as_safe_as_configured(session, standby);
  return committed;
}

}  // namespace nexus::store
