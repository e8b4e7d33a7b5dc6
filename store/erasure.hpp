// Erases the copies of a deleted object: the content of its events, stored answers about it, and the copies specific to
// its type (excerpts of a card, artifacts of a media asset). The events and the idempotency keys themselves stay,
// because sequences are dense and a repeated request must not run again.
//
// The dispatcher erases the subject of every deletion in the deletion's own transaction. If there are many copies, it
// notes the subject there; housekeeping begins at once to erase them.
#pragma once

#include "store/database.hpp"

namespace nexus::store {

/// An object, by the type named in audit rows and events.
struct Subject {
  std::string tenant_id;
  std::string env;
  std::string type;
  std::string id;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

/// Erases the copies of a deleted subject. Returns false if they are too many for one unit and were noted.
bool erase_copies(Tx& tx, const Subject& subject);

/// A subject that is noted.
std::optional<Subject> find_noted(const Reader& reader);
/// Erases copies of a noted subject, up to `limit` of each kind, and its note when none is left.
void erase_noted(Tx& tx, const Subject& subject, int limit);
/// How many subjects are noted, up to kCountMax (retention.hpp).
std::int64_t count_noted(const Reader& reader);

}  // namespace nexus::store
