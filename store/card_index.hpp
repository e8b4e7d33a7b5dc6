// Puts cards into the full-text index, takes them out, and keeps the index small. store/card_search finds them. What an
// engine does in its own way stands behind store/full_text.
//
// A card of many words is indexed in parts, each by a unit of its own, so that other tenants' units run between. Its
// own unit indexes the first part and notes that others are missing. Whoever stored the card goes on with index_part;
// after a crash, housekeeping does. A deleted card is gone for readers at once; housekeeping removes its parts.
// Refused: to keep the missing words in the note. They follow from the card, and would be written twice.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "daemon/domain/card.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// Stores and indexes the card; `words` are its own. Returns whether parts are left for index_part.
[[nodiscard]] bool insert_card(Tx& tx, const domain::Card& card, const domain::CardWords& words);
/// Leaves a tombstone: the row without header and text. Also removes the card from the index. Returns whether parts are
/// left for remove_part.
[[nodiscard]] bool delete_card(Tx& tx, const domain::Card& card, Micros now);
/// To be called in the transaction that inserts or deletes the card. unindex_card ignores a card that was never
/// indexed. They return the same as insert_card and delete_card.
[[nodiscard]] bool index_card(Tx& tx, const domain::Card& card, const domain::CardWords& words);
[[nodiscard]] bool unindex_card(Tx& tx, Realm realm, std::string_view card_id);

/// Indexes the next part of the card, if one is missing. Returns whether more are.
bool index_part(Tx& tx, Realm realm, std::string_view card_id, const domain::CardWords& words);
/// Removes one part of a deleted card. Returns false when there was none.
bool remove_part(Tx& tx, Realm realm);

/// A card of which index_part or, where there is no id because it was deleted, remove_part has something to do.
struct NotedCard {
  Place place;
  std::optional<std::string> card_id;
};
std::optional<NotedCard> first_noted_card(const Reader& reader);
/// How many there are, up to kCountMax (retention.hpp).
std::int64_t count_noted_cards(const Reader& reader);

/// On SQLite: merges segments of the index, which keep the words of an unindexed card until then (no search finds
/// them). Elsewhere there is nothing to do, and it returns true. Does one step of about `pages` pages at most, if a
/// deletion before `due` waits or a merge has begun. Returns whether nothing more is to do now. Sheds the levels that
/// merges leave (sqlite/index_levels.hpp).
bool merge_deleted_words(Tx& tx, Micros due, int pages);
/// Whether deletions before `due` wait, or a merge has begun.
bool has_words_to_merge(const Reader& reader, Micros due);

/// Whether the card is in the index with other words than its own, which other rules folded (folded_texts.hpp).
bool holds_other_words(const Reader& reader, const domain::Card& card, const domain::CardWords& words);
/// Puts the card's own words in the place of others, in one part of it. Begin with part 0; returns which part is next.
/// Where the number of words is another, notes the other parts for index_part and remove_part. A card of one row keeps
/// one, however many its words. The card keeps its place among others of its age.
std::optional<std::int64_t> renew_part(Tx& tx, const domain::Card& card, const domain::CardWords& words,
                                       std::int64_t part);

}  // namespace nexus::store
