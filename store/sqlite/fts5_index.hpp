// The full-text index of cards in SQLite: the table `card_index` of FTS5, whose rows hold the terms of a row with a
// space between them. Each term begins with the number of its space, so that its list of rows holds no other tenant's.
//
// The index itself changes at the end of a unit's group (Tx::at_group_end), because FTS5 writes what it holds in memory
// to its tables at every savepoint.
#pragma once
#include "store/full_text.hpp"

namespace nexus::store {

/// The one for all connections: it keeps nothing.
const FullText& fts5_index();

}  // namespace nexus::store
