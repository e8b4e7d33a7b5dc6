// A unit of work for the writer, and what the writer must know of it before it runs: whose rows it writes, and how
// much.
#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "store/error.hpp"
#include "store/query.hpp"

namespace nexus::store {

enum class Outcome {
  applied,      // committed and synced
  refused,      // the unit threw and was undone; `error` holds what it threw
  not_applied,  // the store failed and the unit was undone; `failure` says why
  unknown,      // the sync of the COMMIT failed: only a restart will show the outcome
};

struct Result {
  Outcome outcome = Outcome::applied;
  Failure failure = Failure::none;
  std::exception_ptr error;  // what the unit threw (refused), or the store's Error (not_applied, unknown) for the log
};

inline Result failed(Outcome outcome, const Error& error) {
  return {outcome, error.failure, std::make_exception_ptr(error)};
}

/// A unit throws to be undone, alone. It must do nothing but SQL: other effects are not undone, and all other units
/// wait for it. It may run several times, where another unit of its group failed: what it keeps outside of the
/// database, it sets anew each time.
using Unit = std::function<void(Tx&)>;
/// Reads what the unit will surely read, one statement each, and does nothing with it: the statements find nothing. An
/// engine for which an answer takes a round trip asks so for all units of a group at once.
using Asks = std::function<void(const Reader&)>;
/// Called once for each accepted unit, after COMMIT or rollback. Must be quick, and may throw std::bad_alloc alone (all
/// else would terminate the process). Where memory is short, it may be dropped without a call.
using Done = std::function<void(const Result&)>;

/// `high`, for kill switches, passes all normal units and may still enter when their queue is full.
enum class Priority { normal, high };

/// The tenants and envs whose rows a unit may write. Writing in another one is a fault of the program, and undoes the
/// unit.
class Realms {
 public:
  /// Any, for what the daemon does itself and for what belongs to no tenant. `payer` is whose share the unit takes: a
  /// tenant, a user, or "" for the daemon.
  static Realms every(std::string payer = {}) {
    Realms all;
    all.every_ = true;
    all.payer_ = std::move(payer);
    return all;
  }
  /// Adds one; with an empty env, all envs of the tenant.
  Realms& add(Realm realm) {
    if (payer_.empty()) payer_ = realm.tenant;
    named_.push_back({std::string(realm.tenant), std::string(realm.env)});
    return *this;
  }
  bool has(Realm realm) const {
    if (every_) return true;
    for (const Place& place : named_)
      if (place.tenant_id == realm.tenant && (place.env.empty() || place.env == realm.env)) return true;
    return false;
  }
  /// Another's share than that of the first tenant; "" for the daemon's.
  Realms& charged_to(std::string payer) {
    payer_ = std::move(payer);
    return *this;
  }
  /// Its rows are read by units of other realms: who may do what, and switches. Where several units run at once, this
  /// one runs alone: it waits for all others, of other daemons too, and they wait for it.
  Realms& alone() {
    alone_ = true;
    return *this;
  }
  bool is_alone() const { return every_ || alone_; }
  /// Those that were named.
  const std::vector<Place>& named() const { return named_; }
  /// Whose share the unit takes: that of the first tenant that was named.
  const std::string& payer() const { return payer_; }

 private:
  bool every_ = false;
  bool alone_ = false;
  std::string payer_;
  std::vector<Place> named_;
};

struct Work {
  Unit unit;
  Done done;
  Realms realms = Realms::every();
  std::size_t bytes = 0;  // about how many it writes, and holds while it waits
  Priority priority = Priority::normal;
  Asks asks = {};  // may be empty; of rows that are under the locks of the realms
};

}  // namespace nexus::store
