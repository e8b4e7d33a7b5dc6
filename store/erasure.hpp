// What was copied from a thing goes with it when it is deleted: what its events tell of it, stored answers about it,
// and the copies that its own kind has (excerpts of a card, artifacts of a media asset). The events and the keys
// themselves stay: sequences are dense, and a repeated request must not run again.
//
// The dispatcher erases the subject of every deletion, in the deletion's own transaction; copies beyond a small number
// are noted there and go right after it, or with the next round of housekeeping.
#pragma once
#include <functional>
#include <string>

#include "store/database.hpp"

namespace nexus::store {

/// A thing, by the type that audit rows and events name.
struct Subject {
  std::string tenant_id;
  std::string env;
  std::string type;
  std::string id;
};

/// Erases the copies of a subject just deleted, or notes those that are too many for one unit: false, then.
bool erase_copies(Tx& tx, const Subject& subject);

/// Erases what is noted, in small units of the writer, until nothing is or `stopping` says so. Blocks. Throws what the
/// store could not do.
void erase_noted(Database& database, const std::function<bool()>& stopping);

}  // namespace nexus::store
