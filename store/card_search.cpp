#include "store/card_search.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "store/model_rows.hpp"
#include "store/sqlite/full_text.hpp"

namespace nexus::store {
namespace {

/// A row's id consists of its number, which rises with every card, and in the low bits its count of words, so that a
/// score needs no second look-up. No card has this many words.
constexpr std::int64_t kWordsMax = (1 << 20) - 1;
constexpr std::int64_t words_in(std::int64_t row_id) { return row_id & kWordsMax; }
constexpr std::int64_t kTermBytes = 8;  // about, of a word as a term

/// The usual constants of BM25: how soon repetition stops counting, and how much length counts.
constexpr double kSaturation = 1.2;
constexpr double kLengthWeight = 0.75;

struct Space {
  std::int64_t number = 0;
  std::int64_t cards = 0;
  std::int64_t words = 0;
};

std::optional<Space> find_space(const Reader& reader, Realm realm) {
  return first(
      reader.query("SELECT space, cards, words FROM card_search_spaces WHERE tenant_id = ?1 AND env = ?2", realm),
      [](const Query& q) {
        return Space{q.integer(0), q.integer(1), q.integer(2)};
      });
}

// ---- terms: the number of the space, a letter for the kind, the text (of types and versions in hex) -----------------

enum class Kind : char { word = 'w', card_type = 't', version = 'v' };

void append_term(std::string& out, const std::string& space, Kind kind, std::string_view text) {
  out.append(space).push_back(static_cast<char>(kind));
  out.append(text);
}

/// The terms of a card, with a space between them. Only a unit knows the number of the space, so it copies each word
/// behind that number; the words were folded before.
std::string terms_of(const std::string& space, const domain::Card& card, const domain::CardWords& words) {
  std::string out;
  out.reserve(words.text.size() + (static_cast<std::size_t>(words.count) + 2) * (space.size() + 1) + 512);
  append_term(out, space, Kind::card_type, hex(card.card_type));
  out.push_back(' ');
  append_term(out, space, Kind::version, hex(card.version));
  const std::string_view text = words.text;
  for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
    end = text.find(' ', at);
    out.push_back(' ');
    append_term(out, space, Kind::word, text.substr(at, end - at));
  }
  return out;
}

// ---- what FTS5 is asked --------------------------------------------------------------------------------------------

/// The most parts of a query that the prefixes of one search become: each has a cursor of its own in the index.
constexpr std::size_t kEndingsMax = 64;

/// How a phrase may end: with this term, or with any that begins with it.
struct Ending {
  std::string term;
  bool prefix = false;
  bool operator==(const Ending&) const = default;
};

/// The widest part of the alphabet before `next` that holds `term`, which comes before it: the term itself, where
/// `next` begins with it, else all that begins like it up to the first character in which they differ.
Ending ending_before(const std::string& term, const std::string& next) {
  const auto differs = std::ranges::mismatch(term, next).in1;
  if (differs == term.end()) return {term, false};
  const auto is_inner_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  return {{term.begin(), std::find_if_not(differs + 1, term.end(), is_inner_byte)}, true};
}

/// What a prefix stands for within the bound: the prefix itself, or the parts of the alphabet that hold its first
/// terms.
std::vector<Ending> endings_of(const Reader& reader, const std::string& prefix, const PrefixBound& bound,
                               std::size_t most) {
  std::vector<std::string> terms;
  std::optional<std::string> next;  // the first beyond the bound
  std::size_t occurrences = 0;
  Query rows = reader.query("SELECT term, cnt FROM card_terms WHERE term >= ?1 ORDER BY term", prefix);
  while (!next && rows.next() && rows.text_view(0).starts_with(prefix)) {
    occurrences += static_cast<std::size_t>(rows.integer(1));
    if (terms.empty() || (terms.size() < bound.words && occurrences <= bound.occurrences))
      terms.push_back(rows.text(0));
    else
      next = rows.text(0);
  }
  if (!next) return {{prefix, true}};
  std::vector<Ending> endings;
  for (const auto& term : terms) {
    Ending ending = ending_before(term, *next);
    if (!endings.empty() && endings.back() == ending) continue;
    if (endings.size() == most) break;
    endings.push_back(std::move(ending));
  }
  return endings;
}

/// The parts of the query, for a prefix of many words more than one. Terms hold only letters and digits, so that
/// nothing between quotes is an operator.
std::vector<std::string> quoted(const Reader& reader, const SearchPhrase& phrase, const std::string& space,
                                const PrefixBound& bound, std::size_t most) {
  std::string begin = "\"", last;
  for (const std::string& word : phrase.words) {
    if (!last.empty()) begin.append(last).push_back(' ');
    last.clear();
    append_term(last, space, Kind::word, word);
  }
  if (!phrase.prefix) return {begin + last + '"'};
  std::vector<std::string> out;
  for (const auto& ending : endings_of(reader, last, bound, most))
    out.push_back(begin + ending.term + (ending.prefix ? "\" *" : "\""));
  return out;
}

std::vector<std::string> quoted(const SearchFilter& filter, const std::string& space) {
  std::vector<std::string> out;
  const auto add = [&](Kind kind, const std::optional<std::string>& value) {
    if (!value) return;
    out.emplace_back("\"");
    append_term(out.back(), space, kind, hex(*value));
    out.back().push_back('"');
  };
  add(Kind::card_type, filter.card_type);
  add(Kind::version, filter.version);
  return out;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const auto& part : parts) out.append(out.empty() ? "" : between).append(part);
  return out;
}

// ---- ranking -------------------------------------------------------------------------------------------------------

/// Collects the matches of one pass over the lists of all phrases. The pass also counts in how many cards each phrase
/// occurs, which is known only at its end. Filters are further phrases behind the others, either present or not.
class Ranking {
 public:
  Ranking(const Space& space, std::size_t phrases) : space_(space), phrases_(phrases), cards_with_(phrases, 0) {}

  void take(std::int64_t row_id, std::span<const std::uint32_t> counts) {
    std::size_t present = 0;
    for (std::size_t i = 0; i < phrases_; ++i) {
      if (counts[i] == 0) continue;
      ++present;
      ++cards_with_[i];
    }
    if (present == 0 || std::ranges::count(counts.subspan(phrases_), 0U) > 0) return;
    if (present < phrases_ && complete_) return;
    if (present == phrases_ && !complete_) {  // the first card with all phrases: only such cards count from here on
      complete_ = true;
      rows_.clear();
      counts_.clear();
    }
    rows_.push_back({row_id, 0});
    counts_.insert(counts_.end(), counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(phrases_));
  }

  struct Row {
    std::int64_t row_id;
    double score;
  };
  /// Best first.
  std::vector<Row> best(std::size_t count) {
    const std::vector<double> weights = weights_of_phrases();
    const auto cards = static_cast<double>(std::max<std::int64_t>(1, space_.cards));
    const double average = std::max(1.0, static_cast<double>(space_.words) / cards);
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i].score = score(i, weights, average);
    count = std::min(count, rows_.size());
    std::partial_sort(
        rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(count), rows_.end(),
        [](const Row& a, const Row& b) { return a.score != b.score ? a.score > b.score : a.row_id > b.row_id; });
    rows_.resize(count);
    return std::move(rows_);
  }

 private:
  /// Rare phrases weigh more; never below 0, so that a word in nearly every card does not count against one.
  std::vector<double> weights_of_phrases() const {
    std::vector<double> weights;
    for (const std::int64_t with : cards_with_) {
      const auto without = static_cast<double>(space_.cards - with);
      weights.push_back(std::log(1 + (without + 0.5) / (static_cast<double>(with) + 0.5)));
    }
    return weights;
  }
  double score(std::size_t row, const std::vector<double>& weights, double average) const {
    const double length = static_cast<double>(words_in(rows_[row].row_id)) / average;
    const double slack = kSaturation * (1 - kLengthWeight + kLengthWeight * length);
    double sum = 0;
    for (std::size_t i = 0; i < phrases_; ++i) {
      const double count = counts_[row * phrases_ + i];
      sum += weights[i] * count * (kSaturation + 1) / (count + slack);
    }
    return sum;
  }

  const Space space_;
  const std::size_t phrases_;
  std::vector<std::int64_t> cards_with_;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> counts_;  // of all rows, one row after another
  bool complete_ = false;
};

std::string card_of_row(const Reader& reader, Realm realm, std::int64_t row_id) {
  return first(reader.query("SELECT card_id FROM card_search_rows WHERE tenant_id = ?1 AND env = ?2 AND row_id = ?3",
                            realm, row_id),
               only_text)
      .value_or("");
}

/// What the index may be given now: a number for a new row, and how many pages to merge beside it.
struct IndexTurn {
  std::int64_t number;
  std::int64_t pages;
};

/// Merging takes nearly as long as inserting. So every 4 KiB of terms merge a few pages, well under a millisecond's
/// work: the number of segments stays small, and nobody finds much to merge at once. Refused: to leave it to
/// housekeeping. In a tenth of the writer's time it does not merge what the rest inserts; segments become thousands.
IndexTurn take_turn(Tx& tx, int rows, std::int64_t bytes) {
  constexpr std::int64_t merged_after = 4096, pages = 8, pages_max = 32;
  Query turn = tx.query(
      "UPDATE card_index_state SET number = number + ?1, bytes = bytes + ?2 WHERE one_row = 1 "
      "RETURNING number, bytes",
      rows, bytes);
  if (!turn.next()) throw std::logic_error("the index of cards has lost its state");
  const std::int64_t after = turn.integer(1);
  const std::int64_t times = after / merged_after - (after - bytes) / merged_after;
  return {turn.integer(0), std::min(pages * times, pages_max)};
}

void merge_pages(Tx& tx, std::int64_t pages) {
  if (pages != 0) tx.run("INSERT INTO card_index (card_index, rank) VALUES ('merge', ?1)", pages);
}

bool merge_has_begun(const Reader& reader) {
  return reader.query("SELECT 1 FROM card_index_debts WHERE state = 'merging'").next();
}

std::int64_t total_changes(const Reader& reader) { return integer_of(reader.query("SELECT total_changes()")); }

}  // namespace

void index_card(Tx& tx, const domain::Card& card, const domain::CardWords& words) {
  if (words.count > kWordsMax) throw std::logic_error("a card has more words than its row can tell");
  const std::int64_t number = integer_of(
      tx.query("INSERT INTO card_search_spaces (tenant_id, env, space, cards, words) VALUES (?1, ?2, "
               "(SELECT COALESCE(MAX(space), 0) + 1 FROM card_search_spaces), 1, 0) "
               "ON CONFLICT (tenant_id, env) DO UPDATE SET cards = card_search_spaces.cards + 1 RETURNING space",
               card.realm()));
  std::string terms = terms_of(std::to_string(number), card, words);
  const auto bytes = terms.size();
  const IndexTurn turn = take_turn(tx, 1, static_cast<std::int64_t>(bytes));
  const std::int64_t row_id = turn.number * (kWordsMax + 1) + words.count;
  tx.run("UPDATE card_search_spaces SET words = words + ?3 WHERE tenant_id = ?1 AND env = ?2", card.realm(),
         words.count);
  tx.run("INSERT INTO card_search_rows (tenant_id, env, row_id, card_id) VALUES (?1, ?2, ?3, ?4)", card.realm(), row_id,
         card.card_id);
  tx.at_group_end({bytes, [row_id, terms = std::move(terms), pages = turn.pages](Tx& at_end) {
                     at_end.run("INSERT INTO card_index (rowid, terms) VALUES (?1, ?2)", row_id, terms);
                     merge_pages(at_end, pages);
                   }});
}

void insert_card(Tx& tx, const domain::Card& card, const domain::CardWords& words) {
  insert_row<domain::kCard>(tx, card);
  index_card(tx, card, words);
}

void delete_card(Tx& tx, const domain::Card& card, Micros now) {
  tx.run(
      "UPDATE cards SET version = '', header = '{}', full_text = '', body_at = 0, body_bytes = 0, deleted_at = ?4 "
      "WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3",
      card.realm(), card.card_id, now);
  unindex_card(tx, card.realm(), card.card_id);
}

void unindex_card(Tx& tx, Realm realm, std::string_view card_id) {
  const auto row_id =
      first(tx.query("DELETE FROM card_search_rows WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3 RETURNING row_id",
                     realm, card_id),
            only_integer);
  if (!row_id) return;
  const std::int64_t bytes = words_in(*row_id) * kTermBytes;
  tx.at_group_end({static_cast<std::size_t>(bytes), [row = *row_id, pages = take_turn(tx, 0, bytes).pages](Tx& at_end) {
                     at_end.run("DELETE FROM card_index WHERE rowid = ?1", row);
                     merge_pages(at_end, pages);
                   }});
  tx.run("UPDATE card_search_spaces SET cards = cards - 1, words = words - ?3 WHERE tenant_id = ?1 AND env = ?2", realm,
         words_in(*row_id));
  tx.run("INSERT INTO card_index_debts (state, since) VALUES ('waiting', ?1) ON CONFLICT DO NOTHING", now_micros());
}

bool merge_deleted_words(Tx& tx, Micros due, int pages) {
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
  return true;
}

bool has_words_to_merge(const Reader& reader, Micros due) {
  return reader.query("SELECT 1 FROM card_index_debts WHERE state = 'merging' OR since < ?1", due).next();
}

std::vector<CardHit> search_cards(const Reader& reader, Realm realm, const std::vector<SearchPhrase>& phrases,
                                  const SearchFilter& filter, std::size_t count, PrefixBound bound) {
  const auto space = find_space(reader, realm);
  if (!space || phrases.empty()) return {};
  const std::string number = std::to_string(space->number);
  const auto prefixes =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::ranges::count(phrases, true, &SearchPhrase::prefix)));
  bound = {bound.words / prefixes, bound.occurrences / prefixes};
  std::vector<std::string> parts;
  std::vector<std::size_t> belongs_to;  // of each part: its phrase, or behind them its filter
  std::size_t wanted = 0;
  const auto add = [&](std::vector<std::string> more) {
    for (auto& part : more) {
      parts.push_back(std::move(part));
      belongs_to.push_back(wanted);
    }
    ++wanted;
  };
  for (const auto& phrase : phrases) add(quoted(reader, phrase, number, bound, kEndingsMax / prefixes));
  for (auto& part : quoted(filter, number)) add({std::move(part)});
  Ranking ranking(*space, phrases.size());
  std::vector<std::uint32_t> counts(wanted);
  match_phrases(reader, "SELECT phrase_counts(card_index, ?2) FROM card_index WHERE card_index MATCH ?1",
                joined(parts, " OR "), [&](std::int64_t row_id, std::span<const std::uint32_t> found) {
                  std::ranges::fill(counts, 0);
                  for (std::size_t i = 0; i < found.size(); ++i) counts[belongs_to[i]] += found[i];
                  ranking.take(row_id, counts);
                });
  std::vector<CardHit> hits;
  for (const auto& row : ranking.best(count)) hits.push_back({card_of_row(reader, realm, row.row_id), row.score});
  return hits;
}

std::vector<CardHit> newest_cards(const Reader& reader, Realm realm, const SearchFilter& filter, std::size_t count) {
  const auto space = find_space(reader, realm);
  if (!space) return {};
  const auto parts = quoted(filter, std::to_string(space->number));
  if (parts.empty())
    return all(reader.query("SELECT card_id FROM card_search_rows WHERE tenant_id = ?1 AND env = ?2 "
                            "ORDER BY row_id DESC LIMIT ?3",
                            realm, count),
               [](const Query& q) { return CardHit{q.text(0)}; });
  const auto rows =
      all(reader.query("SELECT rowid FROM card_index WHERE card_index MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
                       joined(parts, " AND "), count),
          only_integer);
  std::vector<CardHit> hits;
  for (const std::int64_t row_id : rows) hits.push_back({card_of_row(reader, realm, row_id)});
  return hits;
}

}  // namespace nexus::store
