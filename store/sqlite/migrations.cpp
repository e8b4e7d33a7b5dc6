#include "store/sqlite/migrations.hpp"

#include <sqlite3.h>

#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"

#include "store/rows.hpp"

namespace nexus::store {
namespace {

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations("
    "version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";

std::string title(const Migration& migration) {
  const std::string number = std::to_string(migration.version);
  return std::string(4 - std::min<std::size_t>(4, number.size()), '0') + number + "_" + migration.name;
}

void require_dense(std::span<const Migration> migrations) {
  int expected = 1;
  for (const Migration& migration : migrations) {
    if (migration.version != expected++) throw std::logic_error("migrations are not numbered 1, 2, 3, …");
  }
}

/// Rolls back unless committed, and switches foreign keys on again. They are off because a script may rebuild a
/// referenced table. SQLite can switch them only outside a transaction.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {
    connection_.execute("PRAGMA foreign_keys=OFF");
    connection_.execute("BEGIN IMMEDIATE");
  }
  ~Transaction() {
    sqlite3_set_authorizer(connection_.handle(), nullptr, nullptr);
    connection_.rollback();
    sqlite3_exec(connection_.handle(), "PRAGMA foreign_keys=ON", nullptr, nullptr, nullptr);
  }
  void commit() { connection_.execute("COMMIT"); }

 private:
  Connection& connection_;
};

int deny_transactions(void*, int action, const char*, const char*, const char*, const char*) {
  return action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT ? SQLITE_DENY : SQLITE_OK;
}

void require_same(const Query& row, const Migration& migration, const std::string& file) {
  if (row.text_view(1) == migration.name && row.text_view(2) == sha256_hex(migration.sql)) return;
  throw SchemaError(file + ": migration " + title(migration) +
                    " is not the one that was applied to it: run the nexusd that belongs to this database");
}

/// Checks that the applied scripts are ours, in order and unchanged, and as many as user_version says.
void verify_applied(const Reader& reader, std::span<const Migration> migrations, int version, const std::string& file) {
  int rows = 0;
  Query row = reader.query("SELECT version, name, sha256 FROM schema_migrations ORDER BY version");
  while (row.next()) {
    ++rows;
    if (rows > version || row.integer(0) != rows) break;
    require_same(row, migrations[static_cast<std::size_t>(rows - 1)], file);
  }
  if (rows == version) return;
  throw SchemaError(file + ": schema_migrations does not agree with user_version " + std::to_string(version) +
                    ": restore it from a backup");
}

void run_script(Connection& connection, const Migration& migration) {
  sqlite3_set_authorizer(connection.handle(), deny_transactions, nullptr);
  try {
    connection.execute(migration.sql);
  } catch (const Error& error) {
    if (error.failure != Failure::constraint && error.failure != Failure::other) throw;
    throw SchemaError("migration " + title(migration) + " failed, and nothing was changed (" + error.what() +
                      "): report this, and start the previous nexusd meanwhile");
  }
  sqlite3_set_authorizer(connection.handle(), nullptr, nullptr);
}

void apply(Connection& connection, Tx& tx, const Migration& migration) {
  run_script(connection, migration);
  tx.run("INSERT INTO schema_migrations(version, name, sha256, applied_at) VALUES(?1, ?2, ?3, ?4)", migration.version,
         migration.name, sha256_hex(migration.sql), now_micros());
  connection.execute(("PRAGMA user_version=" + std::to_string(migration.version)).c_str());
}

void require_no_orphans(Tx& tx) {
  Query orphan = tx.query("PRAGMA foreign_key_check");
  if (!orphan.next()) return;
  throw SchemaError("the migrations would leave rows of " + orphan.text(0) + " that point to none of " +
                    orphan.text(2) + ", and nothing was changed: report this, and start the previous nexusd meanwhile");
}

int require_not_newer(const Reader& reader, std::span<const Migration> migrations) {
  const int version = static_cast<int>(integer_of(reader.query("PRAGMA user_version")));
  const int newest = static_cast<int>(migrations.size());
  if (version <= newest) return version;
  throw SchemaError("this database was written by a newer nexusd (schema " + std::to_string(version) +
                    ", this one knows " + std::to_string(newest) + "): start the newer one");
}

}  // namespace

void require_known_schema(Connection& connection, std::span<const Migration> migrations) {
  const Reader reader(connection);
  const int version = require_not_newer(reader, migrations);
  if (reader.query("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").next())  // else migrate() judges
    verify_applied(reader, migrations, version, connection.path().string());
}

MigrationReport migrate(Connection& connection, std::span<const Migration> migrations) {
  require_dense(migrations);
  const std::string file = connection.path().string();
  const int newest = static_cast<int>(migrations.size());
  Transaction transaction(connection);
  Tx tx(connection);
  const int version = require_not_newer(tx, migrations);
  tx.run(kTable);
  verify_applied(tx, migrations, version, file);
  for (const Migration& migration : migrations.subspan(static_cast<std::size_t>(version))) {
    apply(connection, tx, migration);
  }
  if (version < newest) require_no_orphans(tx);
  transaction.commit();
  return {version, newest};
}

}  // namespace nexus::store
