#include "store/card_index.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "store/card_terms.hpp"
#include "store/model_rows.hpp"
#include "store/retention.hpp"
#include "store/sqlite/index_levels.hpp"

namespace nexus::store {
namespace {

constexpr std::int64_t kTermBytes = 8;  // about, of a word as a term

// ---- words and terms -----------------------------------------------------------------------------------------------

/// The text behind the first `count` words.
std::string_view behind(std::string_view text, std::int64_t count) {
  for (; count > 0 && !text.empty(); --count) text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
  return text;
}

/// The words of one of so many parts.
std::string_view words_of_part(std::string_view text, std::int64_t part, std::int64_t parts) {
  const std::string_view from = part == 0 ? text : behind(text, part * kPartWords - kRepeatedWords);
  if (part + 1 == parts) return from;
  const std::string_view rest = behind(from, part == 0 ? kPartWords : kPartWords + kRepeatedWords);
  return from.substr(0, from.size() - rest.size());
}

/// Only a unit knows the number of the space, so it copies each word behind that number; the words were folded before.
void append_words_as_terms(std::string& out, const std::string& space, std::string_view words) {
  out.reserve(out.size() + words.size() + words.size() / 2);
  for (std::size_t at = 0, end = 0; at < words.size(); at = end + 1) {
    end = words.find(' ', at);
    if (!out.empty()) out.push_back(' ');
    append_term(out, space, TermKind::word, words.substr(at, end - at));
  }
}

/// The terms of a part, with a space between them: in the first one type and version, then words.
std::string terms_of(const std::string& space, const domain::Card& card, const domain::CardWords& words,
                     std::int64_t part, std::int64_t parts) {
  std::string out;
  if (part == 0) {
    append_term(out, space, TermKind::card_type, hex(card.card_type));
    out.push_back(' ');
    append_term(out, space, TermKind::version, hex(card.version));
  }
  append_words_as_terms(out, space, words_of_part(words.text, part, parts));
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

void leave_deletion(Tx& tx, std::int64_t row_id) {
  const std::int64_t bytes = std::min(words_in(row_id), kPartWords) * kTermBytes;
  const std::int64_t pages = take_turn(tx, 0, bytes).pages;
  tx.at_group_end({static_cast<std::size_t>(bytes), [row_id, pages](Tx& at_end) {
                     at_end.run("DELETE FROM card_index WHERE rowid = ?1", row_id);
                     merge_pages(at_end, pages);
                   }});
  tx.run("INSERT INTO card_index_debts (state, since) VALUES ('waiting', ?1) ON CONFLICT DO NOTHING", now_micros());
}

/// The id of the first row of a new card.
std::int64_t new_row(const IndexTurn& turn, std::int64_t words) {
  if (parts_of(words) == 1) return turn.number * kNumberUnit + words;
  const std::int64_t block = (turn.number + 1) / kPartsMax - 1;  // the last whole one of those taken
  return block * kPartsMax * kNumberUnit + kInParts + words;
}

bool merge_has_begun(const Reader& reader) {
  return reader.query("SELECT 1 FROM card_index_debts WHERE state = 'merging'").next();
}

std::int64_t total_changes(const Reader& reader) { return integer_of(reader.query("SELECT total_changes()")); }

struct Noted {
  std::int64_t row_id;
  std::int64_t parts;
  std::string space = {};
};

/// A card that is in the index, with as many of its parts as are there.
std::optional<Noted> find_indexed(const Reader& reader, Realm realm, std::string_view card_id) {
  return first(
      reader.query("SELECT r.row_id, n.parts, s.space FROM card_search_rows AS r LEFT JOIN card_index_notes AS n "
                   "ON n.tenant_id = r.tenant_id AND n.env = r.env AND n.row_id = r.row_id "
                   "JOIN card_search_spaces AS s ON s.tenant_id = r.tenant_id AND s.env = r.env "
                   "WHERE r.tenant_id = ?1 AND r.env = ?2 AND r.card_id = ?3",
                   realm, card_id),
      [](const Query& q) {
        return Noted{q.integer(0), q.optional_integer(1).value_or(parts_in(q.integer(0))), q.text(2)};
      });
}

void set_parts(Tx& tx, Realm realm, std::int64_t row_id, std::int64_t parts) {
  tx.run(
      "INSERT INTO card_index_notes (tenant_id, env, row_id, parts) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (tenant_id, env, row_id) DO UPDATE SET parts = excluded.parts",
      realm, row_id, parts);
}

/// Notes that all parts are to be removed. A note that is there already tells how many parts were indexed.
void note_removal(Tx& tx, Realm realm, std::int64_t row_id) {
  tx.run(
      "INSERT INTO card_index_notes (tenant_id, env, row_id, parts) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (tenant_id, env, row_id) DO NOTHING",
      realm, row_id, parts_in(row_id));
}

void drop_note(Tx& tx, Realm realm, std::int64_t row_id) {
  tx.run("DELETE FROM card_index_notes WHERE tenant_id = ?1 AND env = ?2 AND row_id = ?3", realm, row_id);
}

}  // namespace

bool index_card(Tx& tx, const domain::Card& card, const domain::CardWords& words) {
  if (words.count > kWordsMax) throw std::logic_error("a card has more words than its row can tell");
  const std::int64_t space = integer_of(
      tx.query("INSERT INTO card_search_spaces (tenant_id, env, space, cards, words) VALUES (?1, ?2, "
               "(SELECT COALESCE(MAX(space), 0) + 1 FROM card_search_spaces), 1, 0) "
               "ON CONFLICT (tenant_id, env) DO UPDATE SET cards = card_search_spaces.cards + 1 RETURNING space",
               card.realm()));
  const std::int64_t parts = parts_of(words.count);
  const bool in_parts = parts > 1;
  std::string terms = terms_of(std::to_string(space), card, words, 0, parts);
  const IndexTurn turn = take_turn(tx, in_parts ? 2 * kPartsMax : 1, static_cast<std::int64_t>(terms.size()));
  const std::int64_t row_id = new_row(turn, words.count);
  tx.run("UPDATE card_search_spaces SET words = words + ?3 WHERE tenant_id = ?1 AND env = ?2", card.realm(),
         words.count);
  tx.run("INSERT INTO card_search_rows (tenant_id, env, row_id, card_id) VALUES (?1, ?2, ?3, ?4)", card.realm(), row_id,
         card.card_id);
  if (in_parts) set_parts(tx, card.realm(), row_id, 1);
  leave_insertion(tx, row_id, std::move(terms), turn.pages);
  return in_parts;
}

bool insert_card(Tx& tx, const domain::Card& card, const domain::CardWords& words) {
  insert_row<domain::kCard>(tx, card);
  return index_card(tx, card, words);
}

bool index_part(Tx& tx, Realm realm, std::string_view card_id, const domain::CardWords& words) {
  const auto noted = find_indexed(tx, realm, card_id);
  if (!noted || noted->parts == parts_in(noted->row_id) || words.count != words_in(noted->row_id)) return false;
  const auto& [row_id, part, space] = *noted;
  std::string terms;
  append_words_as_terms(terms, space, words_of_part(words.text, part, parts_in(row_id)));
  const std::int64_t pages = take_turn(tx, 0, static_cast<std::int64_t>(terms.size())).pages;
  leave_insertion(tx, row_id + part * kNumberUnit, std::move(terms), pages);
  const bool more = part + 1 < parts_in(row_id);
  more ? set_parts(tx, realm, row_id, part + 1) : drop_note(tx, realm, row_id);
  return more;
}

bool delete_card(Tx& tx, const domain::Card& card, Micros now) {
  tx.run(
      "UPDATE cards SET version = '', header = '{}', full_text = '', body_at = 0, body_bytes = 0, deleted_at = ?4 "
      "WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3",
      card.realm(), card.card_id, now);
  return unindex_card(tx, card.realm(), card.card_id);
}

bool unindex_card(Tx& tx, Realm realm, std::string_view card_id) {
  const auto row_id =
      first(tx.query("DELETE FROM card_search_rows WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3 RETURNING row_id",
                     realm, card_id),
            only_integer);
  if (!row_id) return false;
  tx.run("UPDATE card_search_spaces SET cards = cards - 1, words = words - ?3 WHERE tenant_id = ?1 AND env = ?2", realm,
         words_in(*row_id));
  if (!is_in_parts(*row_id)) {
    leave_deletion(tx, *row_id);
    return false;
  }
  note_removal(tx, realm, *row_id);
  return true;
}

bool remove_part(Tx& tx, Realm realm) {
  const auto noted = first(
      tx.query("SELECT row_id, parts FROM card_index_notes AS n WHERE tenant_id = ?1 AND env = ?2 AND NOT EXISTS "
               "(SELECT 1 FROM card_search_rows AS r WHERE r.tenant_id = ?1 AND r.env = ?2 AND r.row_id = n.row_id) "
               "LIMIT 1",
               realm),
      [](const Query& q) {
        return Noted{q.integer(0), q.integer(1)};
      });
  if (!noted) return false;
  const std::int64_t part = noted->parts - 1;
  leave_deletion(tx, noted->row_id + part * kNumberUnit);
  part > 0 ? set_parts(tx, realm, noted->row_id, part) : drop_note(tx, realm, noted->row_id);
  return true;
}

std::optional<NotedCard> first_noted_card(const Reader& reader) {
  return first(reader.query("SELECT n.tenant_id, n.env, r.card_id FROM card_index_notes AS n LEFT JOIN "
                            "card_search_rows AS r ON r.tenant_id = n.tenant_id AND r.env = n.env "
                            "AND r.row_id = n.row_id LIMIT 1"),
               [](const Query& q) {
                 return NotedCard{place_of(q), q.optional_text(2)};
               });
}

std::int64_t count_noted_cards(const Reader& reader) {
  return integer_of(
      reader.query("SELECT count(*) FROM (SELECT 1 AS one FROM card_index_notes LIMIT ?1) AS counted", kCountMax));
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
  shed_levels(tx);
  return true;
}

bool has_words_to_merge(const Reader& reader, Micros due) {
  return reader.query("SELECT 1 FROM card_index_debts WHERE state = 'merging' OR since < ?1", due).next();
}

// ---- words of other rules ------------------------------------------------------------------------------------------

bool holds_other_words(const Reader& reader, const domain::Card& card, const domain::CardWords& words) {
  const auto indexed = find_indexed(reader, card.realm(), card.card_id);
  if (!indexed) return false;
  if (words.count != words_in(indexed->row_id)) return true;
  for (std::int64_t part = 0; part < indexed->parts; ++part) {
    Query held = reader.query("SELECT terms FROM card_index WHERE rowid = ?1", indexed->row_id + part * kNumberUnit);
    const std::string wanted = terms_of(indexed->space, card, words, part, parts_in(indexed->row_id));
    if (!held.next() || held.text_view(0) != wanted) return true;
  }
  return false;
}

namespace {

/// Gives the card the row that its new count of words makes of its number, so that it keeps its place in the order.
void move_row(Tx& tx, const domain::Card& card, const domain::CardWords& words, const Noted& before) {
  const std::int64_t more_words = words.count - words_in(before.row_id), row_id = before.row_id + more_words;
  tx.run("UPDATE card_search_rows SET row_id = ?4 WHERE tenant_id = ?1 AND env = ?2 AND row_id = ?3", card.realm(),
         before.row_id, row_id);
  tx.run("UPDATE card_search_spaces SET words = words + ?3 WHERE tenant_id = ?1 AND env = ?2", card.realm(),
         more_words);
  if (is_in_parts(row_id))
    note_removal(tx, card.realm(), before.row_id);
  else
    leave_deletion(tx, before.row_id);
  if (parts_in(row_id) > 1) set_parts(tx, card.realm(), row_id, 1);
  std::string terms = terms_of(before.space, card, words, 0, parts_in(row_id));
  const std::int64_t pages = take_turn(tx, 0, static_cast<std::int64_t>(terms.size())).pages;
  leave_insertion(tx, row_id, std::move(terms), pages);
}

}  // namespace

std::optional<std::int64_t> renew_part(Tx& tx, const domain::Card& card, const domain::CardWords& words,
                                       std::int64_t part) {
  const auto indexed = find_indexed(tx, card.realm(), card.card_id);
  if (!indexed || part >= indexed->parts) return std::nullopt;
  const std::int64_t first = indexed->row_id, others = first + words.count - words_in(first);
  if (first != others) {
    // An earlier change of the rules may have left parts under this number.
    const bool taken = tx.query("SELECT 1 FROM card_index_notes WHERE tenant_id = ?1 AND env = ?2 AND row_id = ?3",
                                card.realm(), others)
                           .next();
    if (taken && remove_part(tx, card.realm())) return part;
    move_row(tx, card, words, *indexed);
    return std::nullopt;
  }
  std::string terms = terms_of(indexed->space, card, words, part, parts_in(first));
  leave_deletion(tx, first + part * kNumberUnit);
  const std::int64_t pages = take_turn(tx, 0, static_cast<std::int64_t>(terms.size())).pages;
  leave_insertion(tx, first + part * kNumberUnit, std::move(terms), pages);
  return part + 1 < indexed->parts ? std::optional(part + 1) : std::nullopt;
}

}  // namespace nexus::store
