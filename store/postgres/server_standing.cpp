#include "store/postgres/server_standing.hpp"

#include "store/rows.hpp"

namespace nexus::store {
namespace {

constexpr std::chrono::milliseconds kSkewMax{500};

// Who may not see the standbys gets their rows without a state.
constexpr const char* kStanding =
    "SELECT current_setting('synchronous_standby_names'), current_setting('fsync') = 'on', "
    "current_setting('full_page_writes') = 'on', count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')), "
    "count(*) FILTER (WHERE pid IS NOT NULL AND sync_state IS NULL), "
    "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) FROM pg_stat_replication";

}  // namespace

bool ServerStanding::has_skew() const { return std::chrono::abs(clock_ahead) - clock_doubt > kSkewMax; }

std::string ServerStanding::replication_text() const {
  if (!waits_for_standby()) return "no synchronous standby: a failover may lose acknowledged writes";
  if (!standbys)
    return "commits wait for a standby; whether one is connected, only a role of pg_read_all_stats may see";
  if (waits_in_vain()) return "no synchronous standby is connected: writes wait until one is";
  return "commits wait for a standby; synchronous ones that are connected: " + std::to_string(*standbys);
}

ServerStanding read_standing(const Reader& reader) {
  const std::chrono::microseconds asked(now_micros());
  const auto started = std::chrono::steady_clock::now();
  Query row = reader.query(kStanding);
  if (!row.next()) throw Error(Failure::other, "postgres: the server says nothing of itself");
  const auto half =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started) / 2;
  ServerStanding standing{.standby_names = row.text(0),
                          .standbys = row.integer(3),
                          .fsync = row.integer(1) != 0,
                          .full_page_writes = row.integer(2) != 0,
                          .clock_ahead = std::chrono::microseconds(row.integer(5)) - (asked + half),
                          .clock_doubt = half};
  if (row.integer(4) > 0) standing.standbys.reset();
  return standing;
}

Micros read_server_clock(const Reader& reader) {
  return integer_of(reader.query("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"));
}

void require_standby(const ServerStanding& standing) {
  if (standing.waits_for_standby()) return;
  throw SchemaError(
      "no commit of the database's server waits for a standby, and store.require_sync demands it: set "
      "synchronous_standby_names there");
}

}  // namespace nexus::store
