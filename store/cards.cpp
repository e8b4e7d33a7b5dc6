#include "store/cards.hpp"

#include "store/card_search.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

void insert_card(Tx& tx, const domain::Card& card) {
  insert_row<domain::kCard>(tx, card);
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
