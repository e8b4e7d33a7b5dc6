// The locks by which writing transactions, of all lanes and daemons, take turns: advisory locks of PostgreSQL, held to
// the end of the transaction. They are the first thing that a transaction does. Then READ COMMITTED keeps each chain
// dense and each gate fresh, because whatever a unit reads of its realm is changed under the same lock.
//
// One order everywhere, so that nobody deadlocks: first the lock of all, then those of realms by their keys. A
// transaction that changes what other realms read (Realms::alone) takes the lock of all for itself; the others share it
// and lock their realms.
//
// Refused: the row of the chain's head as its lock. It is not there before the first row, each lock writes to its page,
// and what belongs to a tenant without a chain would need a row of its own. Two realms of one key wait for each other,
// and nothing worse.
#pragma once
#include <set>

#include "daemon/base/realm.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// What a transaction locks.
class Locks {
 public:
  /// All of it: nobody else writes.
  void add_all() { all_ = true; }
  /// With an empty env, every env of the tenant.
  void add(Realm realm);
  /// The statements that take them, in order. Nothing waits before they are sent.
  void take(Tx& tx) const;

 private:
  bool all_ = false;
  std::set<std::int64_t> realms_;
};

/// For one daemon at a time, when it opens the database and migrates it.
void lock_schema(Tx& tx);
/// Whoever serves, or needs the database alone, as long as its session lasts.
void lock_service(Tx& tx, bool shared);
/// The same lock, shared, without waiting. Returns whether it was to be had.
bool try_share_service(const Reader& reader);
/// A unit of the leader, behind the other locks of its transaction: no term begins until that has ended.
void lock_term(Tx& tx);
/// Whoever begins a term, as the only lock here that its transaction takes.
void lock_change_of_term(Tx& tx);

}  // namespace nexus::store
