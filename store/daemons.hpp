// The daemons that serve from a store on a server, and the lease by which one of them leads. In a file, both are empty.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/clock.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// A daemon renews its row so often. One that has been silent for kSilent counts for nothing; its row is kept for a
/// while, for whoever looks for it.
inline constexpr std::chrono::milliseconds kBeat{2000};
inline constexpr Micros kSilent = 10 * kSecond;
inline constexpr Micros kGoneAfter = kHour;
/// How long the leader leads without renewing its lease.
inline constexpr Micros kLeaseTime = 8 * kSecond;

/// Times are those of the server's clock.
struct Daemon {
  std::string daemon_id;
  std::string host;
  std::string version;
  std::vector<std::string> signing_keys = {};  // whose tokens it accepts: Keyring::names; empty: it has not told yet
  Micros started_at = 0;
  Micros seen_at = 0;
  std::int64_t applied = 0;  // units that it has committed
};

struct LeaseRow {
  std::string daemon_id;
  std::int64_t term = 0;
  Micros until = 0;
};

/// The newest signing key that all of them accept, of those that have told theirs; empty where there is none.
std::string agreed_key(const std::vector<Daemon>& daemons);

/// Those seen since `since`, in order of their start.
std::vector<Daemon> list_daemons(const Reader& reader, Micros since = 0);
/// Nothing before the first daemon has led.
std::optional<LeaseRow> find_lease(const Reader& reader);

/// The row of this daemon, seen at `now`.
void put_daemon(Tx& tx, const Daemon& daemon, Micros now);
void drop_daemon(Tx& tx, std::string_view daemon_id);
/// Renews the lease of the daemon that has it, and returns the term; nothing where another one has it.
std::optional<std::int64_t> renew_lease(Tx& tx, std::string_view daemon_id, Micros until);
/// Begins a term, and returns it, where no lease lasts until `now`. The caller has locked out the units of other terms.
std::optional<std::int64_t> take_lease(Tx& tx, std::string_view daemon_id, Micros now, Micros until);
/// Ends the lease, if the daemon has it.
void give_lease_back(Tx& tx, std::string_view daemon_id);

}  // namespace nexus::store
