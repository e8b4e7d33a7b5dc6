// The store on a PostgreSQL server: a writer of several lanes and a pool of readers, migrated and checked; for a daemon
// that serves also the beat by which it belongs to the daemons of this database.
#pragma once
#include "store/database.hpp"
#include "store/postgres/bell.hpp"
#include "store/postgres/leadership.hpp"
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
  bool require_sync = false;  // writes nothing while no commit waits for a standby
  WriterLimits writer = {};   // of all lanes together
  /// A daemon that serves, one of several. Nothing: a command that looks, or changes little, beside them.
  std::optional<Serving> serving = {};
  /// For a command that needs the database alone: no daemon may serve from it meanwhile.
  bool alone = false;
};

class PostgresDatabase final : public Database {
 public:
  /// Connects and migrates. Throws SchemaError (one line for the operator), also for a server without the standby that
  /// is required, or Error; `unreachable` when there is no server.
  explicit PostgresDatabase(PostgresOptions options);
  /// Stops the writer, then gives the lease back.
  ~PostgresDatabase() override;

  /// Throws Error at once, `unreachable`, where the server has not answered for long.
  Lease read() override;
  PostgresWriter& writer() override { return writer_; }
  const MigrationReport& migrated() const { return migrated_; }
  bool is_damaged() const override { return damaged_; }
  /// Empty while a connection to write is there; else one line for /readyz. Threads: any; does not wait.
  std::string not_ready() const override;
  Bell* bell() override { return &bell_; }
  std::optional<History> new_history() override;
  /// As of the last second in which the server answered. Threads: any; does not wait.
  ServerStanding standing() const { return watch_.standing(); }
  /// Of a command, as if it had the database for itself.
  const Leadership& leadership() const override { return beat_ ? *beat_ : sole_leadership(); }
  /// Null for a command.
  PostgresLeadership* beat() { return beat_ ? &*beat_ : nullptr; }

 private:
  void take_service(const PostgresOptions& options);

  std::atomic<bool> damaged_{false};
  ServerWatch watch_;
  std::optional<ServiceLock> alone_;
  std::optional<PostgresLeadership> beat_;
  MigrationReport migrated_;  // before the readers, because opening fills it
  PostgresReaders readers_;
  PostgresBell bell_;
  KeptHeads kept_;
  std::uint64_t judged_connections_ = 0;  // belongs to new_history()
  PostgresWriter writer_;                 // last: starts after all others, stops first
};

}  // namespace nexus::store
