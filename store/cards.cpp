#include "store/cards.hpp"

#include "store/card_search.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

using domain::kCard;

std::vector<domain::Card> list_cards(const Reader& reader, Realm realm, std::string_view card_type,
                                     std::string_view before, int limit) {
  // Two statements, so that each has its index.
  static const std::string rest = "AND (?4 = '' OR card_id < ?4) ORDER BY card_id DESC LIMIT ?5";
  static const std::string of_type = select_rows<kCard>() + "AND card_type = ?3 " + rest;
  static const std::string of_all = select_rows<kCard>() + "AND ?3 = '' " + rest;
  return all(reader.query(card_type.empty() ? of_all : of_type, realm, card_type, before, limit), row_of<kCard>);
}

void insert_card(Tx& tx, const domain::Card& card) {
  insert_row<kCard>(tx, card);
  index_card(tx, card);
}

void delete_card(Tx& tx, const domain::Card& card, Micros now) {
  tx.run(
      "UPDATE cards SET version = '', header = '{}', full_text = '', body_at = 0, body_bytes = 0, deleted_at = ?4 "
      "WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3",
      card.realm(), card.card_id, now);
  unindex_card(tx, card.realm(), card.card_id);
}

}  // namespace nexus::store
