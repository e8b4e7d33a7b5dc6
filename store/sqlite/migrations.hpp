// The schema's history: numbered scripts, append-only, embedded into the program from migrations/*.sql, applied in one
// transaction, and remembered with their checksums in the table schema_migrations. A database that was written by a
// newer program, or whose applied scripts are not ours, is never touched.
#pragma once
#include <span>
#include <vector>

#include "store/sqlite/connection.hpp"

namespace nexus::store {

struct Migration {
  int version;  // dense from 1
  const char* name;
  const char* sql;  // statements only: no BEGIN, no COMMIT
};

/// Made by the build from migrations/NNNN_name.sql.
std::span<const Migration> embedded_migrations();

struct MigrationReport {
  int version_before = 0;
  int version_after = 0;
};

/// Brings the database to the newest version, or leaves it as it was: all pending scripts run in one transaction.
/// Throws SchemaError for a database that must not be touched and for a script that fails (naming it), Error when the
/// disk fails, std::logic_error when the numbers of `migrations` are not dense from 1.
MigrationReport migrate(Connection& connection, std::span<const Migration> migrations);

}  // namespace nexus::store
