// The tables of a file, as SQLite's catalogue tells them: without those of the full-text index and SQLite's own.
#pragma once
#include "store/query.hpp"
#include "store/tables.hpp"

namespace nexus::store {

/// In the order of their names. Threads and errors: the reader's.
std::vector<Table> tables_of_file(const Reader& reader);

}  // namespace nexus::store
