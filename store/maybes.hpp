// Maybes as rows. An item is its creator's; who may see whose is decided above.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Maybe {
  std::string tenant_id;
  std::string env;
  std::string item_id;  // of the event of its making, too
  std::string title;
  std::string body;
  std::vector<std::string> tags;
  std::optional<std::string> space;
  bool pinned = false;
  bool archived = false;
  std::string source_type;
  std::optional<std::string> source_ref;
  std::string folded = {};  // title and body as a search reads them; written, not read back
  Micros created_at = 0;
  std::string created_by;
  Micros updated_at = 0;
  std::string updated_by;
};

/// What a list is narrowed to; nothing narrows nothing, but archived items are listed on their own.
struct MaybeFilter {
  std::optional<std::string> created_by;
  std::vector<std::string> tags_any;  // at least one of them; empty: whatever its tags
  std::optional<std::string> folded;  // somewhere in title or body
  std::optional<std::string> space;
  bool pinned_only = false;
  bool archived = false;
};

std::optional<Maybe> find_maybe(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                std::string_view item_id);
/// Newest first, from before `before` ("" for the start).
std::vector<Maybe> list_maybes(const Reader& reader, std::string_view tenant_id, std::string_view env,
                               const MaybeFilter& filter, std::string_view before, int limit);
void insert_maybe(Tx& tx, const Maybe& maybe);
/// Writes all that may change.
void update_maybe(Tx& tx, const Maybe& maybe);
/// Leaves a tombstone without texts.
void bury_maybe(Tx& tx, const Maybe& maybe, Micros at, std::string_view by);

}  // namespace nexus::store
