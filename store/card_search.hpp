// Full-text search over cards, ranked by BM25. The one file that knows how the index is laid out and what FTS5 is
// asked.
//
// The promise: what one tenant and env finds, in which order and with which scores, depends on its own cards alone, to
// the last bit. Every term begins with the number of its tenant and env, so a term's list holds no neighbour's card;
// how many cards there are and how long is counted per tenant and env, and FTS5's own statistics are never asked.
//
// Refused designs: FTS5's bm25() (its counts are those of the whole table), a table for each tenant (a schema that
// grows while the daemon runs), triggers (trusted_schema is off).
#pragma once
#include "daemon/domain/card.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Words in a row, folded as daemon/base/words folds them; of a prefix, the last is the beginning of a word.
struct SearchPhrase {
  std::vector<std::string> words;
  bool prefix = false;
  bool operator==(const SearchPhrase&) const = default;
};

struct SearchFilter {
  std::optional<std::string> card_type, version;
};

struct CardHit {
  std::string card_id;
  double score = 0;  // above 0; higher is better
};

/// To be called in the transaction that inserts or deletes the card. What is searched of it are the values of its
/// header (not their names), and its body. unindex_card passes over a card never indexed.
void index_card(Tx& tx, const domain::Card& card);
void unindex_card(Tx& tx, Realm realm, std::string_view card_id);

/// The words of a card that was unindexed stand in segments of the index until these are merged; no search finds them.
/// Does one step of at most about `pages` pages of that, when a deletion before `due` waits for it or a merge was
/// begun; answers whether there is nothing more to do now.
bool merge_deleted_words(Tx& tx, Micros due, int pages);

/// The best `count` cards with all phrases in them or, where none has them all, with any of them; of equal scores the
/// newest first.
std::vector<CardHit> search_cards(const Reader& reader, Realm realm, const std::vector<SearchPhrase>& phrases,
                                  const SearchFilter& filter, std::size_t count);

/// The newest `count` cards that pass the filter, without scores.
std::vector<CardHit> newest_cards(const Reader& reader, Realm realm, const SearchFilter& filter, std::size_t count);

}  // namespace nexus::store
