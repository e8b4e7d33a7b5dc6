#include "store/postgres/database.hpp"

#include "store/rows.hpp"

namespace nexus::store {
namespace {

MigrationReport open(const PostgresOptions& options) {
  Link link(options.link);
  if (options.require_sync) {
    PostgresSession session(link);
    require_standby(read_standing(Reader(session)));
  }
  const MigrationReport report = migrate(link, postgres_migrations());
  if (!options.on_open) return report;
  PostgresSession session(link);
  Tx tx(session);
  try {
    session.begin(Isolation::read_committed);
    Locks locks;
    locks.add_all();
    locks.take(tx);
    options.on_open(tx);
    session.commit();
  } catch (...) {
    session.rollback();
    throw;
  }
  return report;
}

PostgresOptions& told_of_damage(PostgresOptions& options, std::atomic<bool>& damaged) {
  options.link.damage = &damaged;
  return options;
}

}  // namespace

void PostgresDatabase::take_service(const PostgresOptions& options) {
  if (options.alone) alone_.emplace(options.link, Service::alone);
  if (options.serving) beat_.emplace(options.link, *options.serving);
}

PostgresDatabase::PostgresDatabase(PostgresOptions options)
    : migrated_((take_service(told_of_damage(options, damaged_)), open(options))),
      readers_(options.link, options.readers, options.read_time_max),
      bell_(options.link),
      writer_({.link = options.link,
               .limits = std::move(options.writer),
               .outcome_time = options.outcome_time,
               .kept = &kept_,
               .serves = options.serving.has_value(),
               .require_sync = options.require_sync,
               .watch = &watch_},
              options.lanes, [this](const std::vector<Place>& touched) { bell_.ring(touched); }) {
  if (beat_) beat_->start([this] { return writer_.stats().applied; }, &watch_);
}

std::optional<History> PostgresDatabase::new_history() {
  const std::uint64_t connections = bell_.connections();
  if (connections == judged_connections_) return std::nullopt;
  const std::string sql =
      "SELECT CAST(system_identifier AS text) || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) "
      "FROM pg_control_system()";
  History history{.timeline = first(read().reader().query(sql), only_text).value(),
                  .lost = {},
                  .was_synchronous = watch_.take_before_loss().waits_for_standby()};
  history.lost = kept_.find_lost([this] { return read(); });
  judged_connections_ = connections;
  return history;
}

/// Reads run on threads that serve others too: they must not wait for a server that hangs.
Lease PostgresDatabase::read() {
  if (beat_ && beat_->is_silent()) throw Error(Failure::unreachable, "postgres: the server has not answered for long");
  return readers_.lease();
}

std::string PostgresDatabase::not_ready() const {
  std::string why = writer_.not_ready();
  return why.empty() && beat_ ? beat_->trouble() : why;
}

PostgresDatabase::~PostgresDatabase() {
  writer_.stop();
  if (beat_) beat_->stop();
}

}  // namespace nexus::store
