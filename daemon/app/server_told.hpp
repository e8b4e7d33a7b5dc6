// What an operator is told of the server that keeps the store: a check of readiness, gauges, and lines of the log.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "daemon/system/routes.hpp"
#include "store/postgres/database.hpp"

namespace nexus::app {

/// Whether acknowledged writes outlive the loss of the server. That is told; it fails only where `store.require_sync`
/// demands it.
system::Check replication_check(const store::ServerStanding& standing, bool require_sync);

/// Follows how the server stands. It logs that at the first look, and what has changed at the others.
class ServerNews {
 public:
  /// Null: the store is a file, and nothing is told. The database must outlive it.
  explicit ServerNews(const store::PostgresDatabase* database) : database_(database) {}

  /// Once a second. Threads: one at a time.
  void look();
  void tell(const store::ServerStanding& standing, std::chrono::steady_clock::time_point now);
  /// `trouble`: why nothing can be written; empty: nothing is wrong.
  void tell_trouble(const std::string& trouble);
  void tell_daemons(bool leads, std::int64_t daemons);
  /// `agreed`: as store::agreed_key() says it.
  void tell_key(const std::string& agreed);
  /// In Prometheus text. Threads: any.
  std::string metrics_text() const;

 private:
  const store::PostgresDatabase* const database_;
  std::string trouble_;
  std::optional<bool> leads_;
  std::int64_t daemons_ = 0;
  std::string key_;  // its kid
  std::optional<store::ServerStanding> told_;
  std::chrono::steady_clock::time_point skew_again_{};
};

}  // namespace nexus::app
