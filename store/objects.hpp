// What stands behind the key of a stored object: the row that names it, in whichever plane it lives.
#pragma once
#include <string>
#include <string_view>

#include "store/sqlite/query.hpp"

namespace nexus::store {

enum class ObjectStanding {
  absent,   // no row names it, or a tombstone does
  awaited,  // presigned: an upload may come
  present,  // a row that readers see names it
};

/// A storage key in its parts. `plane` as keys spell it; `key` is the whole.
struct ObjectName {
  std::string_view plane, tenant_id, env, owner, key;
};

/// Throws std::invalid_argument for a plane that has no rows.
ObjectStanding find_object_standing(const Reader& reader, const ObjectName& name);

/// The `s3://…` name of some object on record: of an asset, an artifact, or of one that waits for its removal. Empty
/// when there is none, of no tenant.
std::string find_any_object_uri(const Reader& reader);
/// Whether any object is on record, atoms and noted keys included.
bool has_objects(const Reader& reader);

}  // namespace nexus::store
