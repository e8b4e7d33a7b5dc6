// The strategy locks that are in force. All other statements are derived (store/model_rows.hpp). daemon/gates decides
// which lock lets an act pass. All functions may throw store::Error.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// The fields of an approved lock that the gate needs.
struct ApprovedLock {
  std::string lock_id;
  std::vector<std::string> allowed_actions;
  std::optional<std::string> three_wise_id;
  std::optional<Micros> valid_from;
  std::optional<Micros> valid_until;
};

/// Approved locks of this surface or without a surface that have not ended at `now`. Locks without a question come
/// first, then the oldest. The caller checks whether a lock has begun.
std::vector<ApprovedLock> list_approved_locks(const Reader& reader, Realm realm, std::string_view surface, Micros now);
/// The number of approved locks of all surfaces, except `lock_id`, that have not ended at `now`.
int count_other_approved_locks(const Reader& reader, Realm realm, std::string_view lock_id, Micros now);

}  // namespace nexus::store
