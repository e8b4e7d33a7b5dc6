// Which of the daemons that share a store leads: it alone makes checkpoints, and removes what is past its time. A file
// has one daemon, which always leads; postgres/leadership.hpp chooses among several.
//
// A daemon that was frozen may believe for a while that it still leads. So what the leader writes is fenced:
// as_leader() makes each of its units ask, in its own transaction, whether its term is over.
#pragma once
#include <optional>
#include <string>

#include "store/work.hpp"

namespace nexus::store {

/// A unit of the leader was undone, or not begun: another daemon leads, or nobody does just now.
struct NotLeader : std::runtime_error {
  NotLeader() : std::runtime_error("this daemon does not lead: another one does, or will") {}
};

/// Threads: any.
class Leadership {
 public:
  /// While this daemon leads: the number of its term, which no other daemon has, and which rises. Does not wait.
  virtual std::optional<std::int64_t> term() const = 0;
  /// Inside of a unit: throws NotLeader unless this daemon leads with this term. Nobody begins another term before the
  /// unit's transaction has ended.
  virtual void require(Tx& tx, std::int64_t term) const = 0;
  /// Whether other daemons may write to the store.
  virtual bool is_shared() const = 0;
  /// How many daemons serve from the store, this one too; at least 1. A daemon that has been silent for 10 s is none.
  /// Does not wait.
  virtual std::int64_t daemons() const = 0;
  /// How many units others have committed, as far as this daemon has heard; never falls. Does not wait.
  virtual std::uint64_t applied_elsewhere() const = 0;
  /// The newest signing key that all daemons accept, by its name (Keyring::names); empty where they have none in common
  /// or have not told. Does not wait.
  virtual std::string agreed_key() const = 0;

 protected:
  ~Leadership() = default;
};

/// Of a store that one daemon has for itself.
const Leadership& sole_leadership();

/// The unit, fenced: it is undone, and throws NotLeader, when the term is over. Throws NotLeader without a term.
Unit as_leader(const Leadership& leadership, std::optional<std::int64_t> term, Unit unit);

}  // namespace nexus::store
