// The store on a PostgreSQL server: a writer of several lanes and a pool of readers, migrated and checked.
#pragma once
#include "store/database.hpp"
#include "store/postgres/bell.hpp"
#include "store/postgres/migrations.hpp"
#include "store/postgres/readers.hpp"
#include "store/postgres/writer.hpp"

namespace nexus::store {

struct PostgresOptions {
  LinkOptions link = {};
  /// Runs once after the migrations, in a transaction of its own.
  std::function<void(Tx&)> on_open = {};
  std::size_t readers = 4;
  std::chrono::milliseconds read_time_max{2000};
  std::size_t lanes = 4;
  /// How long a lost COMMIT is asked for before its outcome is unknown.
  std::chrono::milliseconds outcome_time = std::chrono::seconds(20);
  WriterLimits writer = {};  // of all lanes together
};

class PostgresDatabase final : public Database {
 public:
  /// Connects and migrates. Throws SchemaError (one line for the operator) or Error; `unreachable` when there is no
  /// server.
  explicit PostgresDatabase(PostgresOptions options);

  Lease read() override { return readers_.lease(); }
  PostgresWriter& writer() override { return writer_; }
  const MigrationReport& migrated() const { return migrated_; }
  bool is_damaged() const override { return damaged_; }
  /// Empty while a connection to write is there; else one line for /readyz. Threads: any; does not wait.
  std::string not_ready() const override { return writer_.not_ready(); }
  Bell* bell() override { return &bell_; }
  std::optional<History> new_history() override;

 private:
  std::atomic<bool> damaged_{false};
  MigrationReport migrated_;  // before the readers, because opening fills it
  PostgresReaders readers_;
  PostgresBell bell_;
  KeptHeads kept_;
  std::uint64_t judged_connections_ = 0;
  PostgresWriter writer_;  // last: starts after all others, stops first
};

}  // namespace nexus::store
