// What became of a COMMIT whose answer was lost. The transaction's audit rows prove it: each has a hash that holds a
// random number, and nobody else writes a row of that place while its chain is locked.
#pragma once
#include <optional>
#include <string>

#include "store/heads.hpp"
#include "store/postgres/session.hpp"

namespace nexus::store {

/// A row of the audit log that a transaction wrote.
struct Proof {
  Place place;
  std::int64_t seq;
  std::string hash;
};

/// Whether the transaction that wrote this row was committed. Locks the chain, which waits until the server has ended
/// the session that was lost. Throws Error.
bool was_committed(PostgresSession& session, const Proof& proof);

}  // namespace nexus::store
