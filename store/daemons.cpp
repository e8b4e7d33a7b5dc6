#include "store/daemons.hpp"

#include <algorithm>

#include "daemon/base/json.hpp"

#include "store/rows.hpp"

namespace nexus::store {
namespace {

constexpr std::string_view kLeader = "leader";

}  // namespace

std::string agreed_key(const std::vector<Daemon>& daemons) {
  std::vector<std::string> common;
  bool is_first = true;
  for (const Daemon& daemon : daemons) {
    if (daemon.signing_keys.empty()) continue;
    if (std::exchange(is_first, false)) common = daemon.signing_keys;
    std::erase_if(common, [&](const auto& key) { return std::ranges::count(daemon.signing_keys, key) == 0; });
  }
  return common.empty() ? "" : std::ranges::max(common);  // names sort by the time of their making
}

std::vector<Daemon> list_daemons(const Reader& reader, Micros since) {
  return all(reader.query("SELECT daemon_id, host, version, signing_keys, started_at, seen_at, applied FROM daemons "
                          "WHERE seen_at >= ?1 ORDER BY started_at, daemon_id",
                          since),
             [](const Query& q) {
               return Daemon{.daemon_id = q.text(0),
                             .host = q.text(1),
                             .version = q.text(2),
                             .signing_keys = parse_own_json(q.text(3)).get<std::vector<std::string>>(),
                             .started_at = q.integer(4),
                             .seen_at = q.integer(5),
                             .applied = q.integer(6)};
             });
}

std::optional<LeaseRow> find_lease(const Reader& reader) {
  return first(reader.query("SELECT daemon_id, term, until FROM leases WHERE name = ?1", kLeader), [](const Query& q) {
    return LeaseRow{q.text(0), q.integer(1), q.integer(2)};
  });
}

void put_daemon(Tx& tx, const Daemon& daemon, Micros now) {
  tx.run(
      "INSERT INTO daemons (daemon_id, host, version, signing_keys, started_at, seen_at, applied) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) ON CONFLICT (daemon_id) DO UPDATE SET "
      "signing_keys = excluded.signing_keys, seen_at = excluded.seen_at, applied = excluded.applied",
      daemon.daemon_id, daemon.host, daemon.version, to_text(Json(daemon.signing_keys)), now, daemon.applied);
}

void drop_daemon(Tx& tx, std::string_view daemon_id) { tx.run("DELETE FROM daemons WHERE daemon_id = ?1", daemon_id); }

std::optional<std::int64_t> renew_lease(Tx& tx, std::string_view daemon_id, Micros until) {
  return first(tx.query("UPDATE leases SET until = ?3 WHERE name = ?1 AND daemon_id = ?2 RETURNING term", kLeader,
                        daemon_id, until),
               only_integer);
}

std::optional<std::int64_t> take_lease(Tx& tx, std::string_view daemon_id, Micros now, Micros until) {
  return first(tx.query("INSERT INTO leases (name, daemon_id, term, until) VALUES (?1, ?2, 1, ?4) "
                        "ON CONFLICT (name) DO UPDATE SET daemon_id = excluded.daemon_id, term = leases.term + 1, "
                        "until = excluded.until WHERE leases.until < ?3 RETURNING term",
                        kLeader, daemon_id, now, until),
               only_integer);
}

void give_lease_back(Tx& tx, std::string_view daemon_id) {
  tx.run("UPDATE leases SET until = 0 WHERE name = ?1 AND daemon_id = ?2", kLeader, daemon_id);
}

}  // namespace nexus::store
