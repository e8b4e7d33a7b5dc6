// The statements on cards that are not derived (store/model_rows.hpp). They update the full-text index in the same
// transaction.
#pragma once
#include "daemon/domain/card.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Stores and indexes the card.
void insert_card(Tx& tx, const domain::Card& card);
/// Leaves a tombstone: the row without header and text.
void delete_card(Tx& tx, const domain::Card& card, Micros now);

}  // namespace nexus::store
