#include "store/postgres/phrase_counts.hpp"

#include <algorithm>
#include <limits>

#include "daemon/base/json.hpp"
#include "store/card_terms.hpp"
#include "store/postgres/postings.hpp"

namespace nexus::store {
namespace {

constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();  // behind all rows
constexpr std::int64_t kFirstPage = 256, kPageMax = 4096;                // rows

// `wanted`: pages of lists, each either of one term or, with `high`, of a range. What a branch does not answer, it does
// not read. One word alone is counted from the key's index, without its positions.
constexpr std::string_view kPages =
    "SELECT w.list, p.row_id, p.occurrences, p.positions FROM json_to_recordset(?2::json) AS w "
    "(list BIGINT, low TEXT, high TEXT, behind BIGINT, size BIGINT, placed BOOLEAN) CROSS JOIN LATERAL ("
    "(SELECT row_id, tf - repeated AS occurrences, NULL::bytea AS positions FROM card_postings "
    "WHERE w.high IS NULL AND NOT w.placed AND space = ?1 AND term = w.low AND row_id > w.behind "
    "ORDER BY row_id LIMIT w.size) UNION ALL "
    "(SELECT row_id, tf - repeated, positions FROM card_postings "
    "WHERE w.high IS NULL AND w.placed AND space = ?1 AND term = w.low AND row_id > w.behind "
    "ORDER BY row_id LIMIT w.size) UNION ALL "
    "(SELECT row_id, tf - repeated, NULL::bytea FROM card_postings "
    "WHERE NOT w.placed AND space = ?1 AND term >= w.low AND term < w.high) UNION ALL "
    "(SELECT row_id, tf - repeated, positions FROM card_postings "
    "WHERE w.placed AND space = ?1 AND term >= w.low AND term < w.high)) AS p ORDER BY w.list, p.row_id";

/// A row of a list. The list of a prefix may have several of one row id, one for each term.
struct Found {
  std::int64_t row_id;
  std::int64_t occurrences;  // those that count in this row
  std::string positions;     // of all, where the list has them
};

/// The rows of a term, or of those that begin with a prefix, as far as they are read.
class RowList {
 public:
  RowList(std::string term, bool prefix, bool placed) : low_(std::move(term)), prefix_(prefix), placed_(placed) {}

  /// Goes on to the first row from `row_id` on. Returns false when a page is to be read before.
  bool seek(std::int64_t row_id) {
    while (at_ < page_.size() && page_[at_].row_id < row_id) ++at_;
    if (at_ == page_.size() && more_) behind_ = std::max(behind_, row_id - 1);
    return at_ < page_.size() || !more_;
  }
  /// Where it is; kEnd behind its last row.
  std::int64_t row_id() const { return at_ < page_.size() ? page_[at_].row_id : kEnd; }
  /// All that it has of the row where it is.
  std::span<const Found> here() const {
    std::size_t end = at_;
    while (end < page_.size() && page_[end].row_id == page_[at_].row_id) ++end;
    return std::span(page_).subspan(at_, end - at_);
  }

  bool wants_page() const { return at_ == page_.size() && more_; }
  Json wanted_page(std::size_t number) {
    size_ = size_ == 0 ? kFirstPage : std::min(4 * size_, kPageMax);
    page_.clear();
    at_ = 0;
    more_ = false;  // until a full page comes
    return {{"list", number},    {"low", low_},   {"high", prefix_ ? Json(end_of_prefix(low_)) : Json()},
            {"behind", behind_}, {"size", size_}, {"placed", placed_}};
  }
  void add(const Query& row) {
    page_.push_back({row.integer(1), row.integer(2), row.text(3)});
    behind_ = page_.back().row_id;
    more_ = !prefix_ && static_cast<std::int64_t>(page_.size()) == size_;
  }

 private:
  std::string low_;
  bool prefix_, placed_;
  std::vector<Found> page_;
  std::size_t at_ = 0;
  bool more_ = true;
  std::int64_t behind_ = -1;  // no row up to it is wanted any more
  std::int64_t size_ = 0;     // of the page
};

/// The rows in which a phrase occurs, one after another.
class CountedPhrase {
 public:
  explicit CountedPhrase(const TermPhrase& phrase) {
    const bool placed = phrase.texts.size() > 1;
    for (const std::string& text : phrase.texts)
      lists_.emplace_back(term_of(phrase.kind, text), phrase.prefix && &text == &phrase.texts.back(), placed);
    if (lists_.empty()) row_id_ = kEnd;
  }

  std::vector<RowList>& lists() { return lists_; }
  /// The row where it stands, once settle() returned true; kEnd behind the last.
  std::int64_t row_id() const { return row_id_; }
  std::uint32_t count() const { return count_; }
  /// Stands at the first row from the wanted one on that it occurs in. Returns false when a page is to be read before.
  bool settle();
  void step() {
    wanted_ = row_id_ + 1;
    count_ = 0;
  }

 private:
  bool meet();
  std::uint32_t count_here();

  std::vector<RowList> lists_;
  std::int64_t wanted_ = 0;
  std::int64_t row_id_ = -1;
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> ends_, next_;  // scratch of count_here
};

/// Moves all lists to the first row from the wanted one on that all have.
bool CountedPhrase::meet() {
  for (std::size_t met = 0, i = 0; met < lists_.size(); i = (i + 1) % lists_.size()) {
    if (!lists_[i].seek(wanted_)) return false;
    if (lists_[i].row_id() == kEnd) {
      wanted_ = kEnd;
      break;
    }
    met = lists_[i].row_id() == wanted_ ? met + 1 : 1;
    wanted_ = lists_[i].row_id();
  }
  return true;
}

bool CountedPhrase::settle() {
  while (count_ == 0 && row_id_ != kEnd) {
    if (!meet()) return false;
    row_id_ = wanted_;
    if (row_id_ == kEnd) break;
    count_ = count_here();
    if (count_ == 0) ++wanted_;
  }
  if (row_id_ == kEnd) lists_.clear();  // no page of theirs is wanted any more
  return true;
}

/// Where the first words stand side by side, the end of the last of them; then with one word more, until all are there.
std::uint32_t CountedPhrase::count_here() {
  if (lists_.size() == 1) {
    std::int64_t sum = 0;
    for (const Found& found : lists_.front().here()) sum += found.occurrences;
    return static_cast<std::uint32_t>(sum);
  }
  ends_.clear();
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    next_.clear();
    for (const Found& found : lists_[i].here()) append_positions(next_, found.positions);
    std::ranges::sort(next_);  // a prefix has several terms
    if (i > 0)
      std::erase_if(next_, [this](std::uint32_t at) { return at == 0 || !std::ranges::binary_search(ends_, at - 1); });
    if (next_.empty()) return 0;
    ends_.swap(next_);
  }
  const std::int64_t repeated = repeated_words(row_id_);
  return static_cast<std::uint32_t>(
      std::ranges::count_if(ends_, [repeated](std::uint32_t at) { return at >= repeated; }));
}

/// Reads the pages that the lists want, in one round trip.
void read_pages(const Reader& reader, std::int64_t space, std::vector<CountedPhrase>& phrases) {
  std::vector<RowList*> lists;
  Json wanted = Json::array();
  for (CountedPhrase& phrase : phrases)
    for (RowList& list : phrase.lists()) {
      if (!list.wants_page()) continue;
      wanted.push_back(list.wanted_page(lists.size()));
      lists.push_back(&list);
    }
  Query rows = reader.query(kPages, space, to_text(wanted));
  while (rows.next()) lists.at(static_cast<std::size_t>(rows.integer(0)))->add(rows);
}

}  // namespace

std::string end_of_prefix(std::string_view prefix) { return std::string(prefix).append("\U0010FFFF"); }

void count_phrases_in_postings(const Reader& reader, std::int64_t space, std::span<const TermPhrase> phrases,
                               const TakePhrases& take) {
  std::vector<CountedPhrase> counted(phrases.begin(), phrases.end());
  std::vector<std::uint32_t> counts(counted.size());
  for (;;) {
    bool settled = true;
    std::int64_t row_id = kEnd;
    for (CountedPhrase& phrase : counted) {
      settled = phrase.settle() && settled;
      row_id = std::min(row_id, phrase.row_id());
    }
    if (!settled) {
      read_pages(reader, space, counted);
      continue;
    }
    if (row_id == kEnd) return;
    for (std::size_t i = 0; i < counted.size(); ++i) {
      counts[i] = counted[i].row_id() == row_id ? counted[i].count() : 0;
      if (counts[i] != 0) counted[i].step();
    }
    take(row_id, counts);
  }
}

}  // namespace nexus::store
