// What SQLite's full-text index (FTS5) tells only through its C interface: how often each phrase of a query occurs in a
// row. Which table, which query and what it means is the caller's business (store/card_search).
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "store/sqlite/query.hpp"

struct sqlite3;

namespace nexus::store {

/// Teaches a connection just opened the function that match_phrases runs on. An SQLite result code.
int register_full_text(sqlite3* db);

/// Rows of one match: the rowid, and for each phrase of the query, in its order, how often it occurs in the row.
using TakePhrases = std::function<void(std::int64_t rowid, std::span<const std::uint32_t> counts)>;

/// Runs `sql`, of the form `SELECT phrase_counts(t, ?2) FROM t WHERE t MATCH ?1`, and tells every row it meets.
void match_phrases(const Reader& reader, std::string_view sql, std::string_view match, const TakePhrases& take);

}  // namespace nexus::store
