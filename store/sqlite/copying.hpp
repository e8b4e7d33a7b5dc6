// A copy of a database before a migration changes it: whether a script rewrites rows, and the copy itself.
#pragma once
#include <filesystem>
#include <string_view>

#include "store/sqlite/connection.hpp"

namespace nexus::store {

/// Whether a migration's script changes, moves or removes rows that are there: UPDATE, DELETE, INSERT … SELECT, DROP
/// TABLE, or ALTER TABLE that drops a column, at its top level. What only a trigger will do later does not count. In
/// doubt the answer is yes.
bool rewrites_rows(std::string_view script);

/// Copies all pages, with those in the log, to a new file of mode 0600, and syncs it. Nobody may write to `source`
/// meanwhile. Throws Error, and std::system_error for the sync.
void copy_database(Connection& source, const std::filesystem::path& to);

}  // namespace nexus::store
