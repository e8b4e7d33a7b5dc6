// Cards as rows, beside what is derived (store/model_rows.hpp): the full-text index follows in the same transaction.
#pragma once
#include "daemon/domain/card.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Stores and indexes it.
void insert_card(Tx& tx, const domain::Card& card);
/// Leaves a tombstone: the row, without header and text.
void delete_card(Tx& tx, const domain::Card& card, Micros now);

}  // namespace nexus::store
