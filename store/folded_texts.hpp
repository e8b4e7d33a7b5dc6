// Texts that a search reads in the form to which daemon/base/words folded them. When its rules change, all are folded
// again: housekeeping goes through them in the order of their keys, and a mark in the store says how far it is, so that
// a restart goes on there. Until the end, a search may miss what the old rules folded differently.
//
// Refused: to fold all at the start (nobody is served meanwhile), and a second index that is filled and then takes the
// place of the first (each write would go to both, and queries would need the old rules until then).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "store/query.hpp"

namespace nexus::store {

/// Rows of `table` under `condition`, with the key tenant_id, env, `id`.
struct FoldedTexts {
  std::string_view kind;  // in folded_texts
  std::string_view job;   // its label in /metrics
  std::string_view table, id, condition;
};
inline constexpr FoldedTexts kFoldedCards{"cards", "cards_to_fold_again", "card_search_rows", "card_id", "1 = 1"};
inline constexpr FoldedTexts kFoldedMaybes{"maybes", "maybes_to_fold_again", "maybes", "item_id", "deleted_at IS NULL"};

struct TextKey {
  Place place;
  std::string id;
};

/// Begins anew with each kind that was folded by other rules than `version`. Returns whether any text waits for it now
/// that did not before.
bool fold_again_unless(Tx& tx, std::string_view version);

/// The next texts, up to `limit`.
std::vector<TextKey> next_to_fold(const Reader& reader, const FoldedTexts& texts, int limit);
/// How many wait, up to kCountMax (retention.hpp); at least 1 until end_folding.
std::int64_t count_to_fold(const Reader& reader, const FoldedTexts& texts);
void move_fold_mark(Tx& tx, const FoldedTexts& texts, const TextKey& last);
void end_folding(Tx& tx, const FoldedTexts& texts);

}  // namespace nexus::store
