// The full-text index of cards in PostgreSQL: the table card_postings, one row for each term of each row of a card.
// Migrations tell its columns. Writers of several daemons change it at the same time: what changes the rows of a space
// locks the row of the space before, and none but that.
#pragma once
#include "store/full_text.hpp"

namespace nexus::store {

/// The one for all sessions: it keeps nothing.
const FullText& card_postings();

}  // namespace nexus::store
