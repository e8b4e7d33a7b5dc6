// The full-text index of cards, as an engine keeps it: which terms stand in which rows, how often, and where. What the
// rows are, and how scores come of counts, is the same for all engines (card_terms.hpp, card_index.hpp,
// card_search.hpp); here is what they do in ways of their own. Implemented by sqlite/fts5_index.hpp and
// postgres/full_text.hpp.
//
// One space is one tenant and env. What is read of it depends on its own rows alone.
//
// No two units of one realm run at once (writer.hpp), so what a unit reads of its part of the index stays until it has
// changed it.
//
// Threads: those of the Reader or Tx. Errors: those of query.hpp.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/domain/card.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// What a term is: a word, or the card's type or version, by which a search filters.
enum class TermKind : char { word = 'w', card_type = 't', version = 'v' };

/// The terms of one row of a card. It refers to them and does not own them.
struct RowTerms {
  const domain::Card* labels = nullptr;  // whose type and version come before the words: of the first part alone
  std::string_view words = {};           // folded, with a space between; one may be behind the last
};

/// Terms of one kind that stand side by side. With `prefix`, the last is the beginning of one.
struct TermPhrase {
  TermKind kind = TermKind::word;
  std::vector<std::string> texts = {};  // types and versions in hex; without any, it occurs nowhere
  bool prefix = false;
};

/// Takes one matching row, and how often each phrase occurs in it, in the order in which they were asked.
using TakePhrases = std::function<void(std::int64_t row_id, std::span<const std::uint32_t> counts)>;
/// Takes a word and how often it occurs. Returns whether the next one is wanted.
using TakeWord = std::function<bool(std::string_view word, std::size_t occurrences)>;

class FullText {
 public:
  FullText() = default;
  FullText(const FullText&) = delete;
  FullText& operator=(const FullText&) = delete;

  // ---- writing -----------------------------------------------------------------------------------------------------

  /// Counts a new card of so many words in its space, which begins with its first card, and adds the card's first row,
  /// which comes behind all rows of the space. Returns its id.
  virtual std::int64_t add_card(Tx& tx, Realm realm, const RowTerms& terms, std::int64_t words) const = 0;
  /// Adds a row that is not there.
  virtual void add_row(Tx& tx, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const = 0;
  virtual void remove_row(Tx& tx, Realm realm, std::int64_t row_id) const = 0;
  /// A step of the work that removed rows leave behind, where it is due: merge_deleted_words in card_index.hpp.
  virtual bool merge(Tx& tx, Micros due, int pages) const = 0;

  // ---- reading -----------------------------------------------------------------------------------------------------

  virtual bool has_to_merge(const Reader& reader, Micros due) const = 0;
  /// Whether the row has exactly these terms, in this order.
  virtual bool holds(const Reader& reader, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const = 0;
  /// The words of the space that begin with the prefix, in the order of their bytes, with their occurrences in all rows
  /// (those that a part repeats count, too).
  virtual void read_words(const Reader& reader, std::int64_t space, std::string_view prefix,
                          const TakeWord& take) const = 0;
  /// Passes every row in which any phrase occurs to `take`, in order of their ids; perhaps rows without any, too. An
  /// occurrence counts in the part that has its last word as its own (card_terms.hpp).
  virtual void count_phrases(const Reader& reader, std::int64_t space, std::span<const TermPhrase> phrases,
                             const TakePhrases& take) const = 0;
  /// The newest rows, newest first, that have all the terms: each phrase is one whole term.
  virtual std::vector<std::int64_t> newest_rows(const Reader& reader, std::int64_t space,
                                                std::span<const TermPhrase> terms, std::size_t count) const = 0;
  /// Whose rows they are, in their order; empty for one of no card.
  virtual std::vector<std::string> cards_of_rows(const Reader& reader, Realm realm,
                                                 std::span<const std::int64_t> row_ids) const = 0;

 protected:
  ~FullText() = default;
};

}  // namespace nexus::store
