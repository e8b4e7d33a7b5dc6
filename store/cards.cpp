#include "store/cards.hpp"

#include "store/card_search.hpp"

namespace nexus::store {

Card card_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .card_id = q.text(2),
          .card_type = q.text(3),
          .version = q.text(4),
          .header = q.text(5),
          .full_text = q.text(6),
          .body_at = q.integer(7),
          .body_bytes = q.integer(8),
          .created_at = q.integer(9),
          .created_by = q.text(10)};
}

std::optional<Card> find_card(const Reader& reader, Realm realm, std::string_view card_id) {
  Query q = reader.query("SELECT " NEXUS_CARD_COLUMNS
                         " FROM cards c WHERE c.tenant_id = ?1 AND c.env = ?2 AND c.card_id = ?3 AND c.deleted_at IS "
                         "NULL",
                         realm, card_id);
  if (!q.next()) return std::nullopt;
  return card_of(q);
}

std::vector<Card> list_cards(const Reader& reader, Realm realm, std::string_view card_type, std::string_view before,
                             int limit) {
  // Two statements, so that each has its index.
  Query q = card_type.empty()
                ? reader.query("SELECT " NEXUS_CARD_COLUMNS
                               " FROM cards c WHERE c.tenant_id = ?1 AND c.env = ?2 AND c.deleted_at IS NULL AND (?3 = "
                               "'' OR c.card_id < ?3) ORDER BY c.card_id DESC LIMIT ?4",
                               realm, before, limit)
                : reader.query("SELECT " NEXUS_CARD_COLUMNS
                               " FROM cards c WHERE c.tenant_id = ?1 AND c.env = ?2 AND c.card_type = ?5 AND "
                               "c.deleted_at IS NULL AND (?3 = '' OR c.card_id < ?3) ORDER BY c.card_id DESC LIMIT ?4",
                               realm, before, limit, card_type);
  std::vector<Card> rows;
  while (q.next()) rows.push_back(card_of(q));
  return rows;
}

void insert_card(Tx& tx, const Card& card) {
  tx.run(
      "INSERT INTO cards (tenant_id, env, card_id, card_type, version, header, full_text, body_at, body_bytes, "
      "created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      card.tenant_id, card.env, card.card_id, card.card_type, card.version, card.header, card.full_text, card.body_at,
      card.body_bytes, card.created_at, card.created_by);
  index_card(tx, {card.tenant_id, card.env, card.card_id, card.card_type, card.version, card.header, card.body_text()});
}

void delete_card(Tx& tx, const Card& card, Micros now) {
  tx.run(
      "UPDATE cards SET version = '', header = '{}', full_text = '', body_at = 0, body_bytes = 0, deleted_at = ?4 "
      "WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3",
      card.tenant_id, card.env, card.card_id, now);
  unindex_card(tx, {.tenant = card.tenant_id, .env = card.env}, card.card_id);
}

}  // namespace nexus::store
