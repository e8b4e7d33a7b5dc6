// The levels of the full-text index of cards. FTS5 of SQLite 3.40 adds one with each merge that puts all
// segments together, and one more when it is done, takes none away, and calls an index with more than 2000 levels
// damaged. Nearly all of them are empty. The list of levels is one record of FTS5's, whose format is that of its files;
// here the empty ones are taken out of it, so that an index never wears, and one that FTS5 calls damaged for that is
// whole again.
//
// Refused: to build the index anew (a long start, and none while running), and merges that add no level (those of FTS5
// 3.40 that put all segments together, so that no deleted word is left, add one each).
#pragma once
#include <string>
#include <string_view>

#include "store/query.hpp"

namespace nexus::store {

class Connection;

/// Levels beyond these are shed down to kLevelsKept. New segments come into the lowest level, and the largest stands in
/// the highest, so that it is rarely merged again: that needs a distance, of which each level is worth a factor of 4.
inline constexpr std::int64_t kLevelsMax = 64;
inline constexpr std::int64_t kLevelsKept = 32;

/// The record of FTS5 with its highest empty levels left out, down to `keep` levels or to those with segments. Empty
/// for a record that FTS5 did not write.
std::string without_empty_levels(std::string_view record, std::int64_t keep);

std::int64_t levels_of_index(const Reader& reader);

/// Sheds empty levels where there are too many. In the writer's transaction, after a merge in it.
void shed_levels(Tx& tx);

enum class IndexMend { none, shed, rebuilt };
/// The same at the opening of a file, before anything uses the index. Where FTS5 could not read the record for another
/// reason, the index is built anew of the terms that it keeps of each row. Runs in its own transaction.
IndexMend mend_index(Connection& connection);

}  // namespace nexus::store
