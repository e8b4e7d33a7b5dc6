// Finds the row that names a stored object's key, in any plane.
#pragma once
#include <string>
#include <string_view>

#include "store/sqlite/query.hpp"

namespace nexus::store {

enum class ObjectStanding {
  absent,   // no row names it, or a tombstone does
  awaited,  // presigned: an upload may come
  present,  // a visible row names it
};

/// The parts of a storage key. `plane` as spelled in keys; `key` is the whole.
struct ObjectName {
  std::string_view plane, tenant_id, env, owner, key;
};

/// Throws std::invalid_argument for a plane that has no rows.
ObjectStanding find_object_standing(const Reader& reader, const ObjectName& name);

/// The `s3://…` name of any object on record: of an asset, an artifact, or an object to be removed. Empty when no
/// tenant has one.
std::string find_any_object_uri(const Reader& reader);
/// Whether any object is on record, including atoms and noted keys.
bool has_objects(const Reader& reader);

}  // namespace nexus::store
