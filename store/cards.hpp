// Cards as rows, beside what is derived (store/model_rows.hpp): the full-text index follows in the same transaction.
#pragma once
#include "daemon/domain/card.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Newest first, from before `before` ("" for the start); of all types when `card_type` is "".
std::vector<domain::Card> list_cards(const Reader& reader, Realm realm, std::string_view card_type,
                                     std::string_view before, int limit);
/// Stores and indexes it.
void insert_card(Tx& tx, const domain::Card& card);
/// Leaves a tombstone: the row, without header and text.
void delete_card(Tx& tx, const domain::Card& card, Micros now);

}  // namespace nexus::store
