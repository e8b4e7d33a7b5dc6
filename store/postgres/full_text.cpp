#include "store/postgres/full_text.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "store/card_terms.hpp"
#include "store/postgres/phrase_counts.hpp"
#include "store/postgres/postings.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

/// The text of an array of PostgreSQL, of `value` of each posting.
template <class Value>
std::string array_of(const std::vector<Posting>& postings, Value value) {
  std::string out = "{";
  for (const Posting& posting : postings) {
    if (out.size() > 1) out.push_back(',');
    out.append(value(posting));
  }
  out.push_back('}');
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') out.push_back('\\');
    out.push_back(character);
  }
  return out + '"';
}

struct NewRow {
  std::int64_t space, number;
};
NewRow new_row_of(const Query& row) { return {row.integer(0), row.integer(1)}; }

class CardPostings final : public FullText {
 public:
  std::int64_t add_card(Tx& tx, Realm realm, const RowTerms& terms, std::int64_t words) const override;
  void add_row(Tx& tx, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const override;
  void remove_row(Tx& tx, Realm realm, std::int64_t row_id) const override;
  /// A posting that is removed leaves nothing to merge: VACUUM is the server's.
  bool merge(Tx&, Micros, int) const override { return true; }
  bool has_to_merge(const Reader&, Micros) const override { return false; }
  bool holds(const Reader& reader, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const override;
  void read_words(const Reader& reader, std::int64_t space, std::string_view prefix,
                  const TakeWord& take) const override;
  void count_phrases(const Reader& reader, std::int64_t space, std::span<const TermPhrase> phrases,
                     const TakePhrases& take) const override {
    count_phrases_in_postings(reader, space, phrases, take);
  }
  std::vector<std::int64_t> newest_rows(const Reader& reader, std::int64_t space, std::span<const TermPhrase> terms,
                                        std::size_t count) const override;
  std::vector<std::string> cards_of_rows(const Reader& reader, Realm realm,
                                         std::span<const std::int64_t> row_ids) const override;
};

// Only a space's first card inserts: a conflict would draw a number of the sequence in vain.
std::int64_t CardPostings::add_card(Tx& tx, Realm realm, const RowTerms& terms, std::int64_t words) const {
  auto taken = first(tx.query("UPDATE card_search_spaces SET cards = cards + 1, words = words + ?3, "
                              "number = number + ?4 WHERE tenant_id = ?1 AND env = ?2 RETURNING space, number",
                              realm, words, numbers_of(words)),
                     new_row_of);
  if (!taken)
    taken = first(tx.query("INSERT INTO card_search_spaces AS known (tenant_id, env, cards, words, number) "
                           "VALUES (?1, ?2, 1, ?3, ?4) ON CONFLICT (tenant_id, env) DO UPDATE SET "
                           "cards = known.cards + 1, words = known.words + ?3, number = known.number + ?4 "
                           "RETURNING space, number",
                           realm, words, numbers_of(words)),
                  new_row_of);
  if (!taken) throw std::logic_error("a space of cards answers no number");
  const std::int64_t row_id = row_of(taken->number, words);
  add_row(tx, taken->space, row_id, terms);
  return row_id;
}

void CardPostings::add_row(Tx& tx, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const {
  const auto postings = postings_of(terms, repeated_words(row_id));
  tx.run(
      "INSERT INTO card_postings (space, row_id, tf, repeated, term, positions) SELECT ?1, ?2, tf, repeated, term, "
      "positions FROM unnest(?3::text[], ?4::integer[], ?5::smallint[], ?6::bytea[]) "
      "AS given (term, tf, repeated, positions)",
      space, row_id, array_of(postings, [](const Posting& it) { return in_quotes(it.term); }),
      array_of(postings, [](const Posting& it) { return std::to_string(it.tf); }),
      array_of(postings, [](const Posting& it) { return std::to_string(it.repeated); }),
      array_of(postings, [](const Posting& it) { return in_quotes("\\x" + hex(it.positions)); }));
}

void CardPostings::remove_row(Tx& tx, Realm realm, std::int64_t row_id) const {
  tx.run(
      "DELETE FROM card_postings WHERE row_id = ?3 AND space = "
      "(SELECT space FROM card_search_spaces WHERE tenant_id = ?1 AND env = ?2)",
      realm, row_id);
}

bool CardPostings::holds(const Reader& reader, std::int64_t space, std::int64_t row_id, const RowTerms& terms) const {
  auto held = all(reader.query("SELECT term, tf, repeated, positions FROM card_postings WHERE space = ?1 "
                               "AND row_id = ?2",
                               space, row_id),
                  [](const Query& q) {
                    return Posting{q.text(0), q.integer(1), q.integer(2), q.text(3)};
                  });
  std::ranges::sort(held, {}, &Posting::term);
  return held == postings_of(terms, repeated_words(row_id));
}

// In pages, because a word tells how often it occurs only when all its postings were read.
void CardPostings::read_words(const Reader& reader, std::int64_t space, std::string_view prefix,
                              const TakeWord& take) const {
  constexpr std::int64_t first_page = 32, page_max = 512;
  const std::string low = term_of(TermKind::word, prefix), high = end_of_prefix(low);
  std::string behind;  // the last term that was read
  for (std::int64_t size = first_page;; size = std::min(4 * size, page_max)) {
    Query rows = reader.query(
        "SELECT term, sum(tf) FROM card_postings WHERE space = ?1 AND term >= ?2 AND term < ?3 AND term > ?4 "
        "GROUP BY term ORDER BY term LIMIT ?5",
        space, low, high, behind, size);
    std::int64_t count = 0;
    for (; rows.next(); ++count) {
      if (!take(rows.text_view(0).substr(1), static_cast<std::size_t>(rows.integer(1)))) return;
      behind = rows.text(0);
    }
    if (count < size) return;
  }
}

std::vector<std::int64_t> CardPostings::newest_rows(const Reader& reader, std::int64_t space,
                                                    std::span<const TermPhrase> terms, std::size_t count) const {
  const auto term = [&](std::size_t i) { return term_of(terms[i].kind, terms[i].texts.front()); };
  if (terms.size() == 1)
    return all(reader.query("SELECT row_id FROM card_postings WHERE space = ?1 AND term = ?2 "
                            "ORDER BY row_id DESC LIMIT ?3",
                            space, term(0), count),
               only_integer);
  if (terms.size() != 2) throw std::logic_error("a filter has a type, a version, or both");
  return all(reader.query("SELECT row_id FROM card_postings AS a WHERE space = ?1 AND term = ?2 AND EXISTS "
                          "(SELECT 1 FROM card_postings AS b WHERE b.space = ?1 AND b.term = ?3 "
                          "AND b.row_id = a.row_id) ORDER BY row_id DESC LIMIT ?4",
                          space, term(0), term(1), count),
             only_integer);
}

std::vector<std::string> CardPostings::cards_of_rows(const Reader& reader, Realm realm,
                                                     std::span<const std::int64_t> row_ids) const {
  std::vector<std::string> cards(row_ids.size());
  if (cards.empty()) return cards;
  std::string wanted;
  for (const std::int64_t row_id : row_ids) wanted.append(wanted.empty() ? "{" : ",").append(std::to_string(row_id));
  Query rows = reader.query(
      "SELECT w.place, r.card_id FROM unnest(?3::bigint[]) WITH ORDINALITY AS w (row_id, place) "
      "JOIN card_search_rows AS r ON r.tenant_id = ?1 AND r.env = ?2 AND r.row_id = w.row_id",
      realm, wanted + "}");
  while (rows.next()) cards.at(static_cast<std::size_t>(rows.integer(0)) - 1) = rows.text(1);
  return cards;
}

}  // namespace

const FullText& card_postings() {
  static const CardPostings postings;
  return postings;
}

}  // namespace nexus::store
