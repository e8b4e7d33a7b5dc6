#include "store/card_index.hpp"

#include <algorithm>
#include <stdexcept>

#include "store/card_terms.hpp"
#include "store/full_text.hpp"
#include "store/model_rows.hpp"
#include "store/retention.hpp"

namespace nexus::store {
namespace {

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

/// The terms of a part: in the first one type and version, then words.
RowTerms terms_of(const domain::Card& card, const domain::CardWords& words, std::int64_t part, std::int64_t parts) {
  return {part == 0 ? &card : nullptr, words_of_part(words.text, part, parts)};
}

struct Noted {
  std::int64_t row_id;
  std::int64_t parts;
  std::int64_t space = 0;
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
        return Noted{q.integer(0), q.optional_integer(1).value_or(parts_in(q.integer(0))), q.integer(2)};
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
  const std::int64_t parts = parts_of(words.count);
  const std::int64_t row_id = tx.full_text().add_card(tx, card.realm(), terms_of(card, words, 0, parts), words.count);
  tx.run("INSERT INTO card_search_rows (tenant_id, env, row_id, card_id) VALUES (?1, ?2, ?3, ?4)", card.realm(), row_id,
         card.card_id);
  if (parts > 1) set_parts(tx, card.realm(), row_id, 1);
  return parts > 1;
}

bool insert_card(Tx& tx, const domain::Card& card, const domain::CardWords& words) {
  insert_row<domain::kCard>(tx, card);
  return index_card(tx, card, words);
}

bool index_part(Tx& tx, Realm realm, std::string_view card_id, const domain::CardWords& words) {
  const auto noted = find_indexed(tx, realm, card_id);
  if (!noted || noted->parts == parts_in(noted->row_id) || words.count != words_in(noted->row_id)) return false;
  const auto& [row_id, part, space] = *noted;
  tx.full_text().add_row(tx, space, row_id + part * kNumberUnit,
                         {.words = words_of_part(words.text, part, parts_in(row_id))});
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
    tx.full_text().remove_row(tx, realm, *row_id);
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
  tx.full_text().remove_row(tx, realm, noted->row_id + part * kNumberUnit);
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

bool merge_deleted_words(Tx& tx, Micros due, int pages) { return tx.full_text().merge(tx, due, pages); }

bool has_words_to_merge(const Reader& reader, Micros due) { return reader.full_text().has_to_merge(reader, due); }

// ---- words of other rules ------------------------------------------------------------------------------------------

bool holds_other_words(const Reader& reader, const domain::Card& card, const domain::CardWords& words) {
  const auto indexed = find_indexed(reader, card.realm(), card.card_id);
  if (!indexed) return false;
  if (words.count != words_in(indexed->row_id)) return true;
  for (std::int64_t part = 0; part < indexed->parts; ++part) {
    const RowTerms wanted = terms_of(card, words, part, parts_in(indexed->row_id));
    const std::int64_t row_id = indexed->row_id + part * kNumberUnit;
    if (!reader.full_text().holds(reader, indexed->space, row_id, wanted)) return true;
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
    tx.full_text().remove_row(tx, card.realm(), before.row_id);
  if (parts_in(row_id) > 1) set_parts(tx, card.realm(), row_id, 1);
  tx.full_text().add_row(tx, before.space, row_id, terms_of(card, words, 0, parts_in(row_id)));
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
  tx.full_text().remove_row(tx, card.realm(), first + part * kNumberUnit);
  tx.full_text().add_row(tx, indexed->space, first + part * kNumberUnit, terms_of(card, words, part, parts_in(first)));
  return part + 1 < indexed->parts ? std::optional(part + 1) : std::nullopt;
}

}  // namespace nexus::store
