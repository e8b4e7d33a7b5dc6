#include "store/sqlite/database.hpp"

#include "daemon/base/file.hpp"

namespace nexus::store {
namespace {

// A file up to this size is checked (quick_check) at every start; a larger one would delay it.
constexpr std::uintmax_t kCheckBytesMax = 64u << 20;

/// Finds a damaged page at start, before a request meets it.
void require_sound(Connection& connection, const DatabaseOptions& options) {
  std::error_code unknown;
  if (std::filesystem::file_size(options.path, unknown) > kCheckBytesMax || unknown) return;
  const std::string damage = find_damage(connection, false);
  if (damage.empty()) return;
  throw SchemaError(options.path.string() + " is damaged (" + damage + "): restore it from a backup");
}

void run_on_open(Connection& connection, const DatabaseOptions& options) {
  if (!options.on_open) return;
  try {
    connection.execute("BEGIN IMMEDIATE");
    InsideTransaction inside(connection);
    Tx tx(inside);
    options.on_open(tx);
    connection.execute("COMMIT");
  } catch (const Error& error) {
    connection.rollback();
    if (error.failure != Failure::full) throw;
  }
}

}  // namespace

SqliteDatabase::SqliteDatabase(DatabaseOptions options)
    : connection_(open(options)),
      readers_({.path = options.path, .vfs = options.vfs, .damage = &damaged_}, options.readers, options.read_time_max),
      writer_(*connection_, std::move(options.on_fatal), options.writer, options.wal, &readers_) {}

std::unique_ptr<Connection> SqliteDatabase::open(const DatabaseOptions& options) {
  auto connection = std::make_unique<Connection>(ConnectionOptions{
      .path = options.path, .synchronous = options.synchronous, .vfs = options.vfs, .damage = &damaged_});
  try {
    require_known_schema(*connection, options.migrations);
    mended_ = mend_index(*connection);  // first: each later step may use the index
    require_sound(*connection, options);
    migrated_ = migrate(*connection, options.migrations);
    run_on_open(*connection, options);
  } catch (const Error& error) {
    if (error.failure != Failure::corrupt) throw;
    throw SchemaError(options.path.string() + " is damaged (" + error.what() + "): restore it from a backup");
  }
  sync_directory(std::filesystem::absolute(options.path).parent_path());
  return connection;
}

}  // namespace nexus::store
