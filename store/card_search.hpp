// Full-text search over cards, ranked by BM25. The only file that knows the layout of the index and the queries to
// FTS5.
//
// The guarantee: the results of one tenant and env, their order and their scores depend exactly on its own cards alone.
// Every term begins with the number of its tenant and env, so a term's list holds no other tenant's card. The number
// and length of cards are counted per tenant and env, and FTS5's own statistics are never used.
//
// Refused designs: FTS5's bm25() (its counts are those of the whole table), a table for each tenant (a schema that
// grows while the daemon runs), triggers (trusted_schema is off).
#pragma once
#include "daemon/domain/card.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Consecutive words, folded by daemon/base/words. With `prefix`, the last one is the beginning of a word.
struct SearchPhrase {
  std::vector<std::string> words;
  bool prefix = false;
  bool operator==(const SearchPhrase&) const = default;
};

/// How much the prefixes of one search may stand for, in equal parts: words of the index, and their occurrences. A
/// prefix of more stands for the first of them in the alphabet, at least one; the exact word is the first of all. Words
/// without a prefix are not bounded.
///
/// Refused: the most frequent words instead of the first (all must be read to know them), and a shorter list of cards
/// for each (which cards would be missing depends on the order in which they were indexed).
struct PrefixBound {
  std::size_t words;
  std::size_t occurrences;
};

struct SearchFilter {
  std::optional<std::string> card_type, version;
};

struct CardHit {
  std::string card_id;
  double score = 0;  // above 0; higher is better
};

/// Stores and indexes the card; `words` are its own.
void insert_card(Tx& tx, const domain::Card& card, const domain::CardWords& words);
/// Leaves a tombstone: the row without header and text. Also removes the card from the index.
void delete_card(Tx& tx, const domain::Card& card, Micros now);
/// To be called in the transaction that inserts or deletes the card. unindex_card ignores a card that was never
/// indexed. The index itself changes at the end of the unit's group, because FTS5 writes what it holds in memory to its
/// tables at every savepoint.
void index_card(Tx& tx, const domain::Card& card, const domain::CardWords& words);
void unindex_card(Tx& tx, Realm realm, std::string_view card_id);

/// Merges segments of the index, which keep the words of an unindexed card until then (no search finds them). Does one
/// step of about `pages` pages at most, if a deletion before `due` waits or a merge has begun. Returns whether nothing
/// more is to do now.
bool merge_deleted_words(Tx& tx, Micros due, int pages);
/// Whether merge_deleted_words has something to do.
bool has_words_to_merge(const Reader& reader, Micros due);

/// The best `count` cards that contain all phrases or, if none contains all, any of them. Equal scores are ordered
/// newest first.
std::vector<CardHit> search_cards(const Reader& reader, Realm realm, const std::vector<SearchPhrase>& phrases,
                                  const SearchFilter& filter, std::size_t count, PrefixBound bound);

/// The newest `count` cards that pass the filter, without scores.
std::vector<CardHit> newest_cards(const Reader& reader, Realm realm, const SearchFilter& filter, std::size_t count);

}  // namespace nexus::store
