#include "store/postgres/migrations.hpp"

#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"

#include "store/postgres/locks.hpp"
#include "store/postgres/serving_role.hpp"
#include "store/postgres/session.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

// A daemon that starts waits so long for one that migrates.
constexpr const char* kPatience = "SET LOCAL lock_timeout = '60s'";

constexpr const char* kTable =
    "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT COLLATE \"C\" NOT NULL, "
    "sha256 TEXT COLLATE \"C\" NOT NULL, applied_at BIGINT NOT NULL)";

struct Applied {
  std::int64_t version;
  std::string name, sha256;
};

std::string title(const Migration& migration) {
  const std::string number = std::to_string(migration.version);
  return std::string(4 - std::min<std::size_t>(4, number.size()), '0') + number + "_" + migration.name;
}

std::string digest_of(const Migration& migration) { return sha256_hex(migration.sql); }

bool has_table(const Reader& reader, std::string_view name) {
  return integer_of(reader.query("SELECT count(*) FROM pg_class WHERE relnamespace = CAST(current_schema() AS "
                                 "regnamespace) AND (?1 = '' AND relkind = 'r' OR relname = ?1)",
                                 name)) > 0;
}

std::vector<Applied> read_applied(const Reader& reader) {
  return all(reader.query("SELECT version, name, sha256 FROM schema_migrations ORDER BY version"), [](const Query& q) {
    return Applied{q.integer(0), q.text(1), q.text(2)};
  });
}

/// Throws unless what was applied is the beginning of `migrations`.
void require_ours(const std::vector<Applied>& applied, std::span<const Migration> migrations) {
  if (!applied.empty() && applied.back().version > migrations.back().version)
    throw SchemaError("this database was written by a newer nexusd (schema " + std::to_string(applied.back().version) +
                      ", this one knows " + std::to_string(migrations.back().version) + "): start the newer one");
  for (std::size_t place = 0; place < applied.size(); ++place) {
    const Migration& ours = migrations[std::min(place, migrations.size() - 1)];
    const Applied& theirs = applied[place];
    if (theirs.version != ours.version || theirs.name != ours.name || theirs.sha256 != digest_of(ours))
      throw SchemaError("migration " + title(ours) +
                        " is not the one that was applied to the database: run the nexusd that belongs to it");
  }
}

void apply(Link& link, Tx& tx, const Migration& migration) {
  try {
    link.execute(migration.sql);
  } catch (const Error& error) {
    if (error.failure != Failure::constraint && error.failure != Failure::other) throw;
    throw SchemaError("migration " + title(migration) + " failed, and nothing was changed (" + error.what() +
                      "): report this, and start the previous nexusd meanwhile");
  }
  tx.run("INSERT INTO schema_migrations (version, name, sha256, applied_at) VALUES (?1, ?2, ?3, ?4)", migration.version,
         migration.name, sha256_hex(migration.sql), now_micros());
}

/// What is read has to be there before a script is sent.
std::vector<Applied> begin(PostgresSession& session, Tx& tx) {
  session.begin(Isolation::read_committed);
  tx.run(kPatience);
  lock_schema(tx);
  session.flush();
  if (has_table(tx, "schema_migrations")) {
    require_reader(tx);
    return read_applied(tx);
  }
  if (has_table(tx, ""))
    throw SchemaError("the database holds tables of something else: give Nexus a database or a schema of its own");
  require_owner(tx, "no tables of Nexus are there to be used, and somebody has to make them");
  tx.run(kTable);
  session.flush();
  return {};
}

}  // namespace

void require_reader(const Reader& reader) {
  Query role = reader.query(
      "SELECT count(*), CAST(current_user AS text) FROM pg_class WHERE relname IN ('schema_migrations', 'meta') AND "
      "relnamespace = CAST(current_schema() AS regnamespace) AND NOT has_table_privilege(oid, 'SELECT')");
  role.next();
  if (role.integer(0) == 0) return;
  throw SchemaError("the tables of Nexus belong to another role, and " + role.text(1) +
                    " may not use them: their owner runs nexusd database prepare --role " + role.text(1));
}

MigrationReport migrate(Link& link, std::span<const Migration> migrations) {
  PostgresSession session(link);
  Tx tx(session);
  try {
    const std::vector<Applied> applied = begin(session, tx);
    require_ours(applied, migrations);
    if (applied.size() < migrations.size())
      require_owner(tx, "the database is older than this nexusd, which has to change it to schema " +
                            std::to_string(migrations.back().version));
    for (const Migration& migration : migrations.subspan(applied.size())) {
      session.flush();
      apply(link, tx, migration);
    }
    session.commit();
    return {applied.empty() ? 0 : static_cast<int>(applied.back().version), migrations.back().version};
  } catch (...) {
    session.rollback();
    throw;
  }
}

}  // namespace nexus::store
