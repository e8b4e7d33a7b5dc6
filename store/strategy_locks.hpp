// Strategy locks as rows. What a status allows and who may decide is daemon/control's; which lock lets an act pass is
// daemon/gates's. All functions may throw store::Error.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// What a lock allows, and when: what an edit changes and an approval puts in force.
struct LockTerms {
  std::optional<std::string> surface;  // nothing: it serves every surface
  std::string scope;                   // campaign | budget | kpi_corridor | code_deploy | app_toggle | other
  std::string title;
  std::optional<std::string> description;
  std::string constraints = "{}";  // JSON object
  std::vector<std::string> allowed_actions;
  std::optional<std::string> three_wise_id;
  std::optional<Micros> valid_from, valid_until;
};

/// Its own terms are those of its status; `draft` are terms that wait beside approved ones.
struct StrategyLock : LockTerms {
  std::string lock_id;
  std::string status;  // draft | approved | rejected
  std::optional<LockTerms> draft;
  std::vector<std::string> editors;  // who edited it since its last approval
  Micros created_at = 0;
  std::string created_by;
  Micros updated_at = 0;
  std::string updated_by;
  std::optional<Micros> decided_at;
  std::optional<std::string> decided_by;
};

/// What the gate needs of an approved lock.
struct ApprovedLock {
  std::string lock_id;
  std::vector<std::string> allowed_actions;
  std::optional<std::string> three_wise_id;
  std::optional<Micros> valid_from;
  std::optional<Micros> valid_until;
};

std::optional<StrategyLock> find_strategy_lock(const Reader& reader, Realm realm, std::string_view lock_id);
/// Newest first, from before `before` ("" for the start).
std::vector<StrategyLock> list_strategy_locks(const Reader& reader, Realm realm, std::string_view before, int limit);
/// Approved, of this surface or of none, and not over at `now`; those that hang on no question first, then the oldest.
/// Whether one has begun is the reader's to judge.
std::vector<ApprovedLock> list_approved_locks(const Reader& reader, Realm realm, std::string_view surface, Micros now);
/// Approved locks that are not over at `now`, of all surfaces, but for `lock_id`.
int count_other_approved_locks(const Reader& reader, Realm realm, std::string_view lock_id, Micros now);
/// A draft: nothing waits beside it.
void insert_strategy_lock(Tx& tx, Realm realm, const StrategyLock& lock);
/// Writes all but what names the lock and its making.
void update_strategy_lock(Tx& tx, Realm realm, const StrategyLock& lock);

}  // namespace nexus::store
