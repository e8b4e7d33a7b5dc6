// One snapshot of the store, leased from an engine's pool of reading connections.
//
// Threads: a Lease stays on one thread at a time.
#pragma once
#include "store/query.hpp"

namespace nexus::store {

/// A connection of a pool, as long as it is leased.
class LeasedPlace {
 public:
  /// Takes the connection back into its pool, from any thread.
  virtual void give_back() noexcept = 0;

 protected:
  ~LeasedPlace() = default;
};

/// All reads through it show the database at the time when it was leased. Keep leases short: a held snapshot keeps what
/// it shows from being cleared away. Never take a second lease on a thread that holds one: when all are out, this would
/// deadlock.
class Lease {
 public:
  /// `asked` is the place's, and empty for a new snapshot.
  Lease(LeasedPlace& place, Session& session, AskedOnce& asked) : place_(&place), reader_(session, &asked) {}
  Lease(Lease&& other) noexcept : place_(std::exchange(other.place_, nullptr)), reader_(other.reader_) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (place_ != nullptr) place_->give_back();
  }
  Reader& reader() { return reader_; }

 private:
  LeasedPlace* place_;
  Reader reader_;
};

}  // namespace nexus::store
