// Counts how often each phrase of a query occurs in a row, which SQLite's full-text index (FTS5) offers only through
// its C interface. The caller (fts5_index.hpp) chooses the table and the query.
#pragma once
#include "store/full_text.hpp"

struct sqlite3;

namespace nexus::store {

/// On a newly opened connection that may still write, registers the SQL function that match_phrases needs, and makes
/// the temporary table `card_terms`: the terms of `card_index` in their order, with the number of their occurrences in
/// `cnt`. It holds no data; SQLite reads it from the index. Returns an SQLite result code.
int register_full_text(sqlite3* db);

/// How many words at the beginning of a row repeat those of another one. An occurrence whose last word is among them
/// does not count.
using RepeatedWords = std::int64_t (*)(std::int64_t rowid);

/// Runs `sql`, of the form `SELECT phrase_counts(t, ?2) FROM t WHERE t MATCH ?1`, and passes every row to `take`.
void match_phrases(const Reader& reader, std::string_view sql, std::string_view match, RepeatedWords repeated,
                   const TakePhrases& take);

}  // namespace nexus::store
