#include "store/sqlite/fts5_index.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "store/card_terms.hpp"
#include "store/rows.hpp"
#include "store/sqlite/full_text.hpp"
#include "store/sqlite/index_levels.hpp"

namespace nexus::store {
namespace {

constexpr std::int64_t kTermBytes = 8;  // about, of a word as a term

// ---- terms as FTS5 has them: the number of the space, a letter for the kind, the text ------------------------------

void append_term(std::string& out, std::string_view space, TermKind kind, std::string_view text) {
  out.append(space).push_back(static_cast<char>(kind));
  out.append(text);
}

/// Only a unit knows the number of the space, so it copies each word behind that number; the words were folded before.
void append_words_as_terms(std::string& out, const std::string& space, std::string_view words) {
  out.reserve(out.size() + words.size() + words.size() / 2);
  for (std::size_t at = 0, end = 0; at < words.size(); at = end + 1) {
    end = std::min(words.find(' ', at), words.size());
    if (!out.empty()) out.push_back(' ');
    append_term(out, space, TermKind::word, words.substr(at, end - at));
  }
}

std::string text_of(std::int64_t space, const RowTerms& terms) {
  const std::string number = std::to_string(space);
  std::string out;
  if (terms.labels != nullptr) {
    append_term(out, number, TermKind::card_type, hex(terms.labels->card_type));
    out.push_back(' ');
    append_term(out, number, TermKind::version, hex(terms.labels->version));
  }
  append_words_as_terms(out, number, terms.words);
  return out;
}

/// A part of a query. Terms hold only letters and digits, so that nothing between quotes is an operator.
std::string quoted(const std::string& space, const TermPhrase& phrase) {
  std::string out = "\"";
  for (const std::string& text : phrase.texts) {
    if (out.size() > 1) out.push_back(' ');
    append_term(out, space, phrase.kind, text);
  }
  return out + (phrase.prefix ? "\" *" : "\"");
}

std::string query_of(std::int64_t space, std::span<const TermPhrase> phrases, std::string_view between) {
  const std::string number = std::to_string(space);
  std::string out;
  for (const auto& phrase : phrases) out.append(out.empty() ? "" : between).append(quoted(number, phrase));
  return out;
}

// ---- what FTS5 is told ---------------------------------------------------------------------------------------------

/// What the index may be given now: numbers for new rows, up to `number`, and how many pages to merge beside it.
struct IndexTurn {
  std::int64_t number;
  std::int64_t pages;
};

/// Merging takes nearly as long as inserting. So every 4 KiB of terms merge a few pages, well under a millisecond's
/// work: the number of segments stays small, and nobody finds much to merge at once. Refused: to leave it to
/// housekeeping. In a tenth of the writer's time it does not merge what the rest inserts; segments become thousands.
IndexTurn take_turn(Tx& tx, std::int64_t numbers, std::int64_t bytes) {
  constexpr std::int64_t merged_after = 4096, pages = 8, pages_max = 32;
  bytes += 256;  // however short a card is, it may become a segment of its own
  Query turn = tx.query(
      "UPDATE card_index_state SET number = number + ?1, bytes = bytes + ?2 WHERE one_row = 1 "
      "RETURNING number, bytes",
      numbers, bytes);
  if (!turn.next()) throw std::logic_error("the index of cards has lost its state");
  const std::int64_t after = turn.integer(1);
  const std::int64_t times = after / merged_after - (after - bytes) / merged_after;
  return {turn.integer(0), std::min(pages * times, pages_max)};
}

void merge_pages(Tx& tx, std::int64_t pages) {
  if (pages != 0) tx.run("INSERT INTO card_index (card_index, rank) VALUES ('merge', ?1)", pages);
}

void leave_insertion(Tx& tx, std::int64_t row_id, std::string terms, std::int64_t pages) {
  const std::size_t bytes = terms.size();
  tx.at_group_end({bytes, [row_id, terms = std::move(terms), pages](Tx& at_end) {
                     at_end.run("INSERT INTO card_index (rowid, terms) VALUES (?1, ?2)", row_id, terms);
                     merge_pages(at_end, pages);
                   }});
}

bool merge_has_begun(const Reader& reader) {
  return reader.query("SELECT 1 FROM card_index_debts WHERE state = 'merging'").next();
}

std::int64_t total_changes(const Reader& reader) { return integer_of(reader.query("SELECT total_changes()")); }

std::string card_of_row(const Reader& reader, Realm realm, std::int64_t row_id) {
  return first(reader.query("SELECT card_id FROM card_search_rows WHERE tenant_id = ?1 AND env = ?2 AND row_id = ?3",
                            realm, row_id),
               only_text)
      .value_or("");
}

class Fts5Index final : public FullText {
 public:
  std::int64_t add_card(Tx& tx, Realm realm, const RowTerms& terms, std::int64_t words) const override;
  void add_row(Tx& tx, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const override;
  void remove_row(Tx& tx, Realm realm, std::int64_t row_id) const override;
  bool merge(Tx& tx, Micros due, int pages) const override;
  bool has_to_merge(const Reader& reader, Micros due) const override;
  bool holds(const Reader& reader, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const override;
  void read_words(const Reader& reader, std::int64_t space, std::string_view prefix,
                  const TakeWord& take) const override;
  void count_phrases(const Reader& reader, std::int64_t space, std::span<const TermPhrase> phrases,
                     const TakePhrases& take) const override;
  std::vector<std::int64_t> newest_rows(const Reader& reader, std::int64_t space, std::span<const TermPhrase> terms,
                                        std::size_t count) const override;
  std::vector<std::string> cards_of_rows(const Reader& reader, Realm realm,
                                         std::span<const std::int64_t> row_ids) const override;
};

std::int64_t Fts5Index::add_card(Tx& tx, Realm realm, const RowTerms& terms, std::int64_t words) const {
  const std::int64_t space = integer_of(
      tx.query("INSERT INTO card_search_spaces (tenant_id, env, space, cards, words) VALUES (?1, ?2, "
               "(SELECT COALESCE(MAX(space), 0) + 1 FROM card_search_spaces), 1, 0) "
               "ON CONFLICT (tenant_id, env) DO UPDATE SET cards = card_search_spaces.cards + 1 RETURNING space",
               realm));
  std::string text = text_of(space, terms);
  const IndexTurn turn = take_turn(tx, numbers_of(words), static_cast<std::int64_t>(text.size()));
  const std::int64_t row_id = row_of(turn.number, words);
  tx.run("UPDATE card_search_spaces SET words = words + ?3 WHERE tenant_id = ?1 AND env = ?2", realm, words);
  leave_insertion(tx, row_id, std::move(text), turn.pages);
  return row_id;
}

void Fts5Index::add_row(Tx& tx, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const {
  std::string text = text_of(space, terms);
  const std::int64_t pages = take_turn(tx, 0, static_cast<std::int64_t>(text.size())).pages;
  leave_insertion(tx, row_id, std::move(text), pages);
}

void Fts5Index::remove_row(Tx& tx, Realm, std::int64_t row_id) const {
  const std::int64_t bytes = std::min(words_in(row_id), kPartWords) * kTermBytes;
  const std::int64_t pages = take_turn(tx, 0, bytes).pages;
  tx.at_group_end({static_cast<std::size_t>(bytes), [row_id, pages](Tx& at_end) {
                     at_end.run("DELETE FROM card_index WHERE rowid = ?1", row_id);
                     merge_pages(at_end, pages);
                   }});
  tx.run("INSERT INTO card_index_debts (state, since) VALUES ('waiting', ?1) ON CONFLICT DO NOTHING", now_micros());
}

bool Fts5Index::merge(Tx& tx, Micros due, int pages) const {
  if (!merge_has_begun(tx)) {
    // Later deletions wait for the next merge.
    if (tx.run("UPDATE card_index_debts SET state = 'merging' WHERE state = 'waiting' AND since < ?1", due) == 0)
      return true;
    pages = -pages;  // FTS5: put all segments together first
  }
  const std::int64_t before = total_changes(tx);
  merge_pages(tx, pages);
  if (total_changes(tx) - before >= 2) return false;  // FTS5: fewer changes mean that nothing was left to merge
  tx.run("DELETE FROM card_index_debts WHERE state = 'merging'");
  shed_levels(tx);
  return true;
}

// ---- what FTS5 is asked --------------------------------------------------------------------------------------------

bool Fts5Index::has_to_merge(const Reader& reader, Micros due) const {
  return reader.query("SELECT 1 FROM card_index_debts WHERE state = 'merging' OR since < ?1", due).next();
}

bool Fts5Index::holds(const Reader& reader, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const {
  Query held = reader.query("SELECT terms FROM card_index WHERE rowid = ?1", row_id);
  return held.next() && held.text_view(0) == text_of(space, terms);
}

void Fts5Index::read_words(const Reader& reader, std::int64_t space, std::string_view prefix,
                           const TakeWord& take) const {
  std::string from;
  append_term(from, std::to_string(space), TermKind::word, prefix);
  const std::size_t before_word = from.size() - prefix.size();
  Query rows = reader.query("SELECT term, cnt FROM card_terms WHERE term >= ?1 ORDER BY term", from);
  while (rows.next() && rows.text_view(0).starts_with(from))
    if (!take(rows.text_view(0).substr(before_word), static_cast<std::size_t>(rows.integer(1)))) return;
}

void Fts5Index::count_phrases(const Reader& reader, std::int64_t space, std::span<const TermPhrase> phrases,
                              const TakePhrases& take) const {
  match_phrases(reader, "SELECT phrase_counts(card_index, ?2) FROM card_index WHERE card_index MATCH ?1 ORDER BY rowid",
                query_of(space, phrases, " OR "), repeated_words, take);
}

std::vector<std::int64_t> Fts5Index::newest_rows(const Reader& reader, std::int64_t space,
                                                 std::span<const TermPhrase> terms, std::size_t count) const {
  return all(reader.query("SELECT rowid FROM card_index WHERE card_index MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
                          query_of(space, terms, " AND "), count),
             only_integer);
}

std::vector<std::string> Fts5Index::cards_of_rows(const Reader& reader, Realm realm,
                                                  std::span<const std::int64_t> row_ids) const {
  std::vector<std::string> cards;
  for (const std::int64_t row_id : row_ids) cards.push_back(card_of_row(reader, realm, row_id));
  return cards;
}

}  // namespace

const FullText& fts5_index() {
  static const Fts5Index index;
  return index;
}

}  // namespace nexus::store
