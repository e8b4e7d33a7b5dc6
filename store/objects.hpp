// Finds the row that names a stored object's key, in any plane. An object that is being written is noted until the row
// that names it is committed. A key that a crash left here has no row, and its object is removed.
#pragma once
#include <functional>

#include "daemon/base/clock.hpp"
#include "store/query.hpp"

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
/// Passes key, size and SHA-256 (hex; empty where the row has none) of every object that a row of any plane names.
using TakeObject = std::function<void(std::string_view key, std::int64_t size, std::string_view sha256)>;
void scan_object_records(const Reader& reader, const TakeObject& take);

struct ObjectRecord {
  std::string key;
  std::int64_t size = 0;
  std::string sha256;  // lower-case hex; empty where no digest is on record
};
/// Passes the same objects in the order of their keys, each once.
void scan_objects_by_key(const Reader& reader, const std::function<void(const ObjectRecord&)>& take);

void note_pending_object(Tx& tx, std::string_view key, Micros now);
/// Whether it is still noted. Writes all the same: a server whose standby is missing commits nothing, so what is
/// removed after this unit is of no change that waits there, and of none that another server has.
bool claim_pending_object(Tx& tx, std::string_view key);
void drop_pending_object(Tx& tx, std::string_view key);
bool is_pending_object(const Reader& reader, std::string_view key);
/// Keys noted before `before`, oldest first, without the first `skipped`.
std::vector<std::string> list_pending_objects(const Reader& reader, Micros before, int limit, int skipped = 0);
/// How many there are, up to kCountMax (retention.hpp).
std::int64_t count_pending_objects(const Reader& reader, Micros before);

}  // namespace nexus::store
