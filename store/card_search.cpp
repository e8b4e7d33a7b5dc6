#include "store/card_search.hpp"

#include <algorithm>
#include <cmath>

#include "daemon/base/bytes.hpp"
#include "store/card_terms.hpp"
#include "store/full_text.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

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

// ---- what the index is asked ---------------------------------------------------------------------------------------

/// The most parts of a query that the prefixes of one search become: each has a cursor of its own in the index.
constexpr std::size_t kEndingsMax = 64;

/// How a phrase may end: with this word, or with any that begins with it.
struct Ending {
  std::string word;
  bool prefix = false;
  bool operator==(const Ending&) const = default;
};

/// The widest part of the alphabet before `next` that holds `word`, which comes before it: the word itself, where
/// `next` begins with it, else all that begins like it up to the first character in which they differ.
Ending ending_before(const std::string& word, const std::string& next) {
  const auto differs = std::ranges::mismatch(word, next).in1;
  if (differs == word.end()) return {word, false};
  const auto is_inner_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  return {{word.begin(), std::find_if_not(differs + 1, word.end(), is_inner_byte)}, true};
}

/// What a prefix stands for within the bound: the prefix itself, or the parts of the alphabet that hold its first
/// words.
std::vector<Ending> endings_of(const Reader& reader, const Space& space, const std::string& prefix,
                               const PrefixBound& bound, std::size_t most) {
  std::vector<std::string> words;
  std::optional<std::string> next;  // the first beyond the bound
  std::size_t occurrences = 0;
  reader.full_text().read_words(reader, space.number, prefix, [&](std::string_view word, std::size_t more) {
    occurrences += more;
    if (words.empty() || (words.size() < bound.words && occurrences <= bound.occurrences))
      words.emplace_back(word);
    else
      next = word;
    return !next;
  });
  if (!next) return {{prefix, true}};
  std::vector<Ending> endings;
  for (const auto& word : words) {
    Ending ending = ending_before(word, *next);
    if (!endings.empty() && endings.back() == ending) continue;
    if (endings.size() == most) break;
    endings.push_back(std::move(ending));
  }
  return endings;
}

/// The parts of the query, for a prefix of many words more than one.
std::vector<TermPhrase> parts_of_phrase(const Reader& reader, const SearchPhrase& phrase, const Space& space,
                                        const PrefixBound& bound, std::size_t most) {
  if (!phrase.prefix || phrase.words.empty()) return {{.texts = phrase.words}};
  std::vector<TermPhrase> out;
  for (auto& ending : endings_of(reader, space, phrase.words.back(), bound, most)) {
    out.push_back({.texts = phrase.words, .prefix = ending.prefix});
    out.back().texts.back() = std::move(ending.word);
  }
  return out;
}

std::vector<TermPhrase> parts_of_filter(const SearchFilter& filter) {
  std::vector<TermPhrase> out;
  if (filter.card_type) out.push_back({TermKind::card_type, {hex(*filter.card_type)}});
  if (filter.version) out.push_back({TermKind::version, {hex(*filter.version)}});
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

/// The first rows of deleted cards whose parts are not removed yet, in their order.
std::vector<std::int64_t> deleted_cards(const Reader& reader, Realm realm) {
  return all(reader.query("SELECT row_id FROM card_index_notes AS n WHERE tenant_id = ?1 AND env = ?2 AND NOT EXISTS "
                          "(SELECT 1 FROM card_search_rows AS r WHERE r.tenant_id = ?1 AND r.env = ?2 AND "
                          "r.row_id = n.row_id) ORDER BY row_id",
                          realm),
             only_integer);
}

std::vector<CardHit> hits_of(const Reader& reader, Realm realm, const std::vector<Ranking::Row>& rows) {
  std::vector<std::int64_t> row_ids;
  for (const auto& row : rows) row_ids.push_back(row.row_id);
  std::vector<CardHit> hits;
  for (auto& card_id : reader.full_text().cards_of_rows(reader, realm, row_ids))
    hits.push_back({std::move(card_id), rows[hits.size()].score});
  return hits;
}

}  // namespace

std::vector<CardHit> search_cards(const Reader& reader, Realm realm, const std::vector<SearchPhrase>& phrases,
                                  const SearchFilter& filter, std::size_t count, PrefixBound bound) {
  const auto space = find_space(reader, realm);
  if (!space || phrases.empty()) return {};
  const auto prefixes =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::ranges::count(phrases, true, &SearchPhrase::prefix)));
  bound = {bound.words / prefixes, bound.occurrences / prefixes};
  std::vector<TermPhrase> parts;
  std::vector<std::size_t> belongs_to;  // of each part: its phrase, or behind them its filter
  std::size_t wanted = 0;
  const auto add = [&](std::vector<TermPhrase> more) {
    for (auto& part : more) {
      parts.push_back(std::move(part));
      belongs_to.push_back(wanted);
    }
    ++wanted;
  };
  for (const auto& phrase : phrases) add(parts_of_phrase(reader, phrase, *space, bound, kEndingsMax / prefixes));
  for (auto& part : parts_of_filter(filter)) add({std::move(part)});
  Ranking ranking(*space, phrases.size());
  const auto deleted = deleted_cards(reader, realm);
  std::vector<std::uint32_t> counts(wanted);
  std::optional<std::int64_t> card;  // whose parts are being added up; they come one after another
  const auto take_card = [&] {
    if (card && !std::ranges::binary_search(deleted, *card)) ranking.take(*card, counts);
    std::ranges::fill(counts, 0);
  };
  reader.full_text().count_phrases(reader, space->number, parts,
                                   [&](std::int64_t row_id, std::span<const std::uint32_t> found) {
                                     if (card != first_row(row_id)) take_card();
                                     card = first_row(row_id);
                                     for (std::size_t i = 0; i < found.size(); ++i) counts[belongs_to[i]] += found[i];
                                   });
  take_card();
  return hits_of(reader, realm, ranking.best(count));
}

std::vector<CardHit> newest_cards(const Reader& reader, Realm realm, const SearchFilter& filter, std::size_t count) {
  const auto space = find_space(reader, realm);
  if (!space) return {};
  const auto parts = parts_of_filter(filter);
  if (parts.empty())
    return all(reader.query("SELECT card_id FROM card_search_rows WHERE tenant_id = ?1 AND env = ?2 "
                            "ORDER BY row_id DESC LIMIT ?3",
                            realm, count),
               [](const Query& q) { return CardHit{q.text(0)}; });
  // The first part of a card has its type and version.
  const auto deleted = deleted_cards(reader, realm);
  std::vector<Ranking::Row> rows;
  for (const std::int64_t row_id : reader.full_text().newest_rows(reader, space->number, parts, count + deleted.size()))
    if (rows.size() < count && !std::ranges::binary_search(deleted, row_id)) rows.push_back({row_id, 0});
  return hits_of(reader, realm, rows);
}

}  // namespace nexus::store
