// The strategy locks that are in force; all else of their rows is derived (store/model_rows.hpp). Which one lets an act
// pass is daemon/gates's. All functions may throw store::Error.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// What the gate needs of an approved lock.
struct ApprovedLock {
  std::string lock_id;
  std::vector<std::string> allowed_actions;
  std::optional<std::string> three_wise_id;
  std::optional<Micros> valid_from;
  std::optional<Micros> valid_until;
};

/// Approved, of this surface or of none, and not over at `now`; those that hang on no question first, then the oldest.
/// Whether one has begun is the reader's to judge.
std::vector<ApprovedLock> list_approved_locks(const Reader& reader, Realm realm, std::string_view surface, Micros now);
/// Approved locks that are not over at `now`, of all surfaces, but for `lock_id`.
int count_other_approved_locks(const Reader& reader, Realm realm, std::string_view lock_id, Micros now);

}  // namespace nexus::store
