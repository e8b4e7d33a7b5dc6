// Full-text search over cards, ranked by BM25. store/card_index puts them into the index.
//
// The guarantee: the results of one tenant and env, their order and their scores depend exactly on its own cards alone.
// The list of a term's rows is that of one space (full_text.hpp), so it holds no other tenant's card. The number and
// length of cards are counted per tenant and env, and an engine's own statistics are never used.
//
// Refused designs: FTS5's bm25() (its counts are those of the whole table), a table for each tenant (a schema that
// grows while the daemon runs), triggers (trusted_schema is off).
#pragma once
#include "daemon/domain/card.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// The most words of a phrase that is surely found in a card of many words (card_terms.hpp).
inline constexpr std::size_t kPhraseWordsMax = 32;

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

/// The best `count` cards that contain all phrases or, if none contains all, any of them. Equal scores are ordered
/// newest first.
std::vector<CardHit> search_cards(const Reader& reader, Realm realm, const std::vector<SearchPhrase>& phrases,
                                  const SearchFilter& filter, std::size_t count, PrefixBound bound);

/// The newest `count` cards that pass the filter, without scores.
std::vector<CardHit> newest_cards(const Reader& reader, Realm realm, const SearchFilter& filter, std::size_t count);

}  // namespace nexus::store
