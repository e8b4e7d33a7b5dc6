// What a restored store takes over from the living one: every right that was narrowed there, and nothing that was
// widened. Each rule is one statement, which finds the living rows in temporary tables beside the restored ones.
//
// Not taken over, because they widen as well as narrow, or are no rights: strategy locks and opinions, budgets, KPI
// corridors, temperatures, rate limits, settings, names. Deletions and erasures are not either: their audit rows tell
// what to delete again.
//
// Threads: one. Errors: store::Error.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// How many rows of one kind changed.
struct Narrowed {
  std::string_view what;                             // `tokens_revoked`, a literal
  std::int64_t rows = 0;                             // of all tenants
  std::map<std::string, std::int64_t> tenants = {};  // the same by tenant; empty for what belongs to no tenant
};

/// Copies the living tables that the rules and `count_made_since` compare into temporary tables of the restored store's
/// connection. Both stores have this program's schema.
void copy_living_rows(Tx& restored, const Reader& living);

/// Applies every rule; copy_living_rows stands before it. `now` is the time of what has none of its own.
std::vector<Narrowed> take_over(Tx& restored, const Reader& living, Micros now);

/// Rows that only the living store has, by their kind: `tenants`, `users`, `members`, `tokens`.
std::map<std::string_view, std::int64_t> count_made_since(const Reader& restored);

/// Assets of the living store that were registered after `at`.
std::int64_t count_assets_registered(const Reader& living, Micros at);

/// Disables every tenant but t_system: a suspended one can still be read. Returns those that it disabled, with the
/// status that they had.
std::map<std::string, std::string> disable_tenants(Tx& restored);

/// Tenants with members, none of whom is an owner.
std::vector<std::string> list_tenants_without_owner(const Reader& reader);

/// The last seq up to which two stores hold the same chain; 0 if they share no row.
std::int64_t find_common_seq(const Reader& one, const Reader& other, Realm realm);

/// How many acts of each action a chain holds behind `after`; refusals are not counted.
std::map<std::string, std::int64_t> count_acts_after(const Reader& reader, Realm realm, std::int64_t after);

}  // namespace nexus::store
