// Lists and tombstones of maybes; all other access to their rows is derived (store/model_rows.hpp).
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/maybes/maybe.hpp"
#include "store/query.hpp"

namespace nexus::maybes {

/// The filter of a list. Empty parts do not narrow, but archived items are listed separately.
struct Filter {
  std::optional<std::string> created_by;
  std::vector<std::string> tags_any;  // at least one of them; empty: whatever its tags
  std::optional<std::string> folded;  // somewhere in title or body
  std::optional<std::string> space;
  bool pinned_only = false;
  bool archived = false;
};

/// Newest first, starting before `before` ("" for the start).
std::vector<Maybe> list_maybes(const store::Reader& reader, Realm realm, const Filter& filter, std::string_view before,
                               int limit);
/// Title and body as a search reads them.
std::string folded_text(const Maybe& maybe);
/// Puts `folded` in the place of the item's own. Returns false, and changes nothing, when somebody changed the item
/// since it was read: what they did not change is still folded as it was.
[[nodiscard]] bool put_folded(store::Tx& tx, const Maybe& maybe, std::string_view folded);

/// Leaves a tombstone without texts.
void bury_maybe(store::Tx& tx, const Maybe& maybe, Micros at, std::string_view by);

}  // namespace nexus::maybes
