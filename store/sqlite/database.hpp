// The store in one file: one writer and a pool of readers, migrated and checked. It knows neither the data
// directory's lock and modes (directory.hpp) nor any table.
#pragma once
#include "store/database.hpp"
#include "store/sqlite/index_levels.hpp"
#include "store/sqlite/migrations.hpp"
#include "store/sqlite/readers.hpp"
#include "store/sqlite/writer.hpp"

namespace nexus::store {

struct DatabaseOptions {
  std::filesystem::path path = {};
  Writer::Fatal on_fatal = {};  // may be empty; the writer stops in any case
  /// Runs once after the migrations, in its own transaction. Its changes are copied from the log into the file before
  /// anything else is written. On a full disk it is undone, and the database still opens.
  std::function<void(Tx&)> on_open = {};
  std::size_t readers = 4;
  std::chrono::milliseconds read_time_max{2000};
  WriterLimits writer = {};
  WalLimits wal = {};
  std::span<const Migration> migrations = embedded_migrations();
  Synchronous synchronous = Synchronous::full;
  std::string vfs = {};
};

class SqliteDatabase final : public Database {
 public:
  /// Throws SchemaError (one line for the operator) or Error.
  explicit SqliteDatabase(DatabaseOptions options);

  Lease read() override { return readers_.lease(); }
  SqliteWriter& writer() override { return writer_; }
  const std::filesystem::path& path() const { return connection_->path(); }
  const MigrationReport& migrated() const { return migrated_; }
  /// What had to be done to the index of cards before it could be used.
  IndexMend mended() const { return mended_; }
  bool is_damaged() const override { return damaged_; }

 private:
  std::unique_ptr<Connection> open(const DatabaseOptions& options);

  std::atomic<bool> damaged_{false};
  IndexMend mended_ = IndexMend::none;  // before connection_, because opening that fills both
  MigrationReport migrated_;
  std::unique_ptr<Connection> connection_;
  Readers readers_;
  SqliteWriter writer_;  // last: starts after all others, stops first
};

}  // namespace nexus::store
