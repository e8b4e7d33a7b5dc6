#include "store/postgres/database.hpp"

namespace nexus::store {
namespace {

MigrationReport open(const PostgresOptions& options) {
  Link link(options.link);
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

PostgresDatabase::PostgresDatabase(PostgresOptions options)
    : migrated_(open(told_of_damage(options, damaged_))),
      readers_(options.link, options.readers, options.read_time_max),
      writer_({.link = options.link, .limits = std::move(options.writer), .outcome_time = options.outcome_time},
              options.lanes) {}

}  // namespace nexus::store
