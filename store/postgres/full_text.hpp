// The full-text index of cards in PostgreSQL: the table card_postings, one row for each term of each row of a card,
// whose columns migrations/postgres/0043_base.sql describes. Writers of several realms, of several daemons, change it
// at the same time. They meet nowhere: each space numbers its own rows.
#pragma once
#include "store/full_text.hpp"

namespace nexus::store {

/// The one for all sessions: it keeps nothing.
const FullText& card_postings();

}  // namespace nexus::store
