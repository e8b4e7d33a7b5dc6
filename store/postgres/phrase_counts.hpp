// Counts phrases in the rows of one space, as FTS5 does for SQLite: the lists of rows of all terms are read side by
// side, in order of row ids, and where the terms of a phrase meet in a row, their positions are compared.
//
// A list is read in pages, so that a term in very many rows takes little memory. A list of a phrase of several words
// skips to the row where the others are. The list of a prefix, which has several terms, is read whole: the caller
// bounds prefixes (PrefixBound). Pages that are needed at the same time come in one round trip.
//
// Refused: a join in the server (its planner does not know which term is rare, and a statement for each number of words
// would fill the cache), and a cursor of the server (two round trips more, for searches that nearly all end with the
// first page).
#pragma once
#include "store/full_text.hpp"

namespace nexus::store {

/// As FullText::count_phrases.
void count_phrases_in_postings(const Reader& reader, std::int64_t space, std::span<const TermPhrase> phrases,
                               const TakePhrases& take);

/// What begins with the prefix comes before this text. No term holds the character that ends it, the last of Unicode.
std::string end_of_prefix(std::string_view prefix);

}  // namespace nexus::store
