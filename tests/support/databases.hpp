// Where the store of a test's daemon is. With NEXUS_TEST_STORE=postgres in the environment, the process that tests has
// a PostgreSQL of its own, started when it is first needed, and a database in it for each data directory: a daemon that
// starts again on its directory finds its database again. Without it, the store is the file in the data directory.
//
// Threads: any.
#pragma once
#include <filesystem>
#include <string>

namespace nexus::test {

/// Throws std::logic_error for an engine that is none.
bool is_on_postgres();

/// The address of the database that belongs to the data directory; with an empty directory, of a new one. It is made
/// where there is none yet, with the newest schema and no rows but those of the migrations. Empty where the store is a
/// file. Throws what PostgresServer and store::Link throw.
std::string database_of(const std::filesystem::path& data_dir);
/// From now on the database with this address belongs to the data directory too: one of database_of, or one on a server
/// of the test's own, which is not dropped.
void give_database(const std::string& address, const std::filesystem::path& data_dir);
/// Drops the databases of data directories that are `directory` or stand in it, and ends whoever uses them; not what a
/// directory elsewhere has too. Does nothing where there is none. What cannot be dropped goes with its server.
void drop_databases_in(const std::filesystem::path& directory) noexcept;

}  // namespace nexus::test
