// Builds the parts of an open store in the order of their dependencies.
#include "store/database.hpp"

#include "daemon/base/file.hpp"

namespace nexus::store {
namespace {

ConnectionOptions writer_options(const DatabaseOptions& options, std::atomic<bool>& damage) {
  ConnectionOptions result;
  result.damage = &damage;
  result.path = options.path;
  result.synchronous = options.synchronous;
  result.vfs = options.vfs;
  return result;
}

/// Finds a damaged page at start, before a request meets it.
void require_sound(Connection& connection, const DatabaseOptions& options) {
  std::error_code unknown;
  if (std::filesystem::file_size(options.path, unknown) > options.check_bytes_max || unknown) return;
  const std::string damage = find_damage(connection, false);
  if (damage.empty()) return;
  throw SchemaError(options.path.string() + " is damaged (" + damage + "): restore it from a backup");
}

void run_on_open(Connection& connection, const DatabaseOptions& options) {
  if (!options.on_open) return;
  try {
    connection.execute("BEGIN IMMEDIATE");
    Tx tx(connection, true);
    options.on_open(tx);
    connection.execute("COMMIT");
  } catch (const Error& error) {
    connection.rollback();
    if (error.failure != Failure::full) throw;
  }
}

std::map<std::string, std::string> merge(const std::map<std::string, std::string>& writer,
                                         const std::map<std::string, std::string>& reader) {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : writer) all["writer." + name] = value;
  for (const auto& [name, value] : reader) all["reader." + name] = value;
  return all;
}

}  // namespace

Database::Database(DatabaseOptions options)
    : connection_(open(options)),
      readers_(options.path, {options.readers, options.read_time_max, options.vfs, &damaged_}),
      settings_(merge(connection_->settings(), readers_.settings())),
      writer_(*connection_, std::move(options.on_fatal), options.writer, options.wal) {}

Database::~Database() = default;

std::unique_ptr<Connection> Database::open(const DatabaseOptions& options) {
  auto connection = std::make_unique<Connection>(writer_options(options, damaged_));
  try {
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
