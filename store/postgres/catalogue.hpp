// The tables of a database, as PostgreSQL's catalogue tells them: those of the schema in which Nexus has its own.
#pragma once
#include "store/query.hpp"
#include "store/tables.hpp"

namespace nexus::store {

/// In the order of their names, without keys and parents, which SQLite's catalogue tells as well. Threads and errors:
/// the reader's.
std::vector<Table> tables_of_server(const Reader& reader);

}  // namespace nexus::store
