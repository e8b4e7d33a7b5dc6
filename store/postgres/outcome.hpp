// What became of a COMMIT whose answer was lost. The transaction's audit rows prove it: each has a hash that holds a
// random number, and nobody else writes a row of that place while its chain is locked. A transaction without an audit
// row (events of reads, what is staged or swept) is known by its number, which a server keeps for very long. After a
// failover that lost transactions, the number may be another one's; a row never is.
#pragma once
#include <optional>
#include <string>

#include "store/heads.hpp"
#include "store/postgres/session.hpp"

namespace nexus::store {

/// A row of the audit log that a transaction wrote.
struct ProvingRow {
  Place place;
  std::int64_t seq;
  std::string hash;
};

struct Proof {
  std::string transaction;  // its number, as the server wrote it
  std::optional<ProvingRow> row = {};
};

/// Whether the transaction was committed. If it was, it is now as safe as the server's settings make it: a commit after
/// it was, too. Waits until the server has ended the session that was lost. Throws Error where that cannot be told yet:
/// the server is away, takes no writes, or a standby does not answer.
bool was_committed(PostgresSession& session, const Proof& proof, Standby standby = Standby::as_configured);

}  // namespace nexus::store
