// The server of a store on PostgreSQL: what it promises of a commit, its clock, who serves from it, its places, and
// what our role may do.
#include <algorithm>

#include "daemon/app/doctor/probes.hpp"
#include "daemon/app/open_store.hpp"
#include "daemon/base/escape.hpp"
#include "store/postgres/server_standing.hpp"
#include "store/postgres/serving_role.hpp"
#include "store/rows.hpp"

namespace nexus::app::doctor {
namespace {

constexpr const char* kAbout = "database";

// Order and equality of ids and cursors are those of bytes, as in a file. Our scripts say so of each column.
constexpr const char* kOtherwiseSorted =
    "SELECT c.relname || '.' || a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN "
    "pg_collation AS o ON o.oid = a.attcollation WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND "
    "c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND o.collname <> 'C' ORDER BY 1";

// What a session has before ours sets its own.
constexpr const char* kTimeouts =
    "SELECT name || ' ' || reset_val || ' ms' FROM pg_settings WHERE name IN ('statement_timeout', "
    "'idle_session_timeout', 'transaction_timeout') AND reset_val <> '0' ORDER BY name";

// The fewest of: the server's places for roles like ours, the database's, the role's.
constexpr const char* kPlaces =
    "SELECT least(CAST(current_setting('max_connections') AS bigint) - "
    "CAST(current_setting('superuser_reserved_connections') AS bigint), "
    "(SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()), "
    "(SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user))";

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 5;
  std::string text;
  for (std::size_t place = 0; place < std::min(names.size(), shown); ++place)
    text.append(place == 0 ? "" : ", ").append(names[place]);
  return names.size() > shown ? text + " and " + std::to_string(names.size() - shown) + " more" : text;
}

void probe_columns(const store::Reader& reader, Findings& findings) {
  const auto otherwise = all(reader.query(kOtherwiseSorted), store::only_text);
  otherwise.empty()
      ? findings.ok("database.collation", kAbout, "sorts texts by their bytes")
      : findings.error("database.collation", kAbout, "sorts texts otherwise than by their bytes: " + listed(otherwise),
                       "lists lose entries at their pages' ends: restore the database with the schema of "
                       "nexusd database prepare");
}

void probe_timeouts(const store::Reader& reader, Findings& findings) {
  const auto set = all(reader.query(kTimeouts), store::only_text);
  if (!set.empty())
    findings.note("database.timeouts", kAbout,
                  "is set to end sessions or statements (" + listed(set) +
                      "); sessions of nexusd set their own, but no transaction_timeout");
}

void probe_role(const store::Reader& reader, Findings& findings) {
  const store::RoleRights rights = store::read_rights(reader);
  if (!rights.missing.empty())
    findings.error("database.rights", kAbout, "the role " + rights.role + " lacks " + listed(rights.missing),
                   "as the owner: nexusd database prepare --role " + rights.role);
  if (!rights.audit_ways.empty())
    findings.note(
        "database.role", kAbout,
        "the role " + rights.role + " could change and delete audit rows: it " + rights.audit_ways.front().way,
        "serve under a role of its own: nexusd database prepare --role NAME");
  else
    findings.ok("database.role", kAbout, "the role " + rights.role + " cannot change or delete audit rows");
}

}  // namespace

void judge_daemons(const std::vector<store::Daemon>& daemons, const std::optional<store::LeaseRow>& lease, Micros now,
                   Findings& findings) {
  if (daemons.empty()) return findings.note("database.daemons", kAbout, "no daemon serves from it");
  std::vector<std::string> names;
  bool has_leader = false;
  for (const store::Daemon& daemon : daemons) {
    const bool leads = lease && lease->until >= now && lease->daemon_id == daemon.daemon_id;
    has_leader = has_leader || leads;
    names.insert(leads ? names.begin() : names.end(),  // of many, some are not listed
                 escape_controls(daemon.host) + " (" + escape_controls(daemon.version) + (leads ? ", leads)" : ")"));
  }
  const std::string text =
      daemons.size() == 1 ? "one daemon serves from it: " : std::to_string(daemons.size()) + " daemons serve from it: ";
  if (has_leader) return findings.ok("database.daemons", kAbout, text + listed(names));
  findings.warning("database.daemons", kAbout, text + listed(names) + "; none leads",
                   "ask again after 10 s; if none leads then, see in the daemons' logs why their beat fails");
}

void judge_places(std::int64_t places, std::int64_t daemons, Findings& findings) {
  constexpr auto each = static_cast<std::int64_t>(kConnectionsOfDaemon);
  const std::string has = "has places for " + std::to_string(places) + " connections, and ";
  const std::string one = has + "a daemon takes up to " + std::to_string(each);
  const std::string all = has + std::to_string(daemons) + " daemons take up to " + std::to_string(daemons * each);
  constexpr const char* remedy = "raise max_connections, or the limit of the database or of the role";
  if (places < each)
    findings.error("database.connections", kAbout, one, remedy);
  else if (places < daemons * each)
    findings.warning("database.connections", kAbout, all, remedy);
  else
    findings.ok("database.connections", kAbout, daemons > 1 ? all : one);
}

void judge_standing(const store::ServerStanding& standing, bool require_sync, Findings& findings) {
  const std::string text = standing.replication_text();
  if (standing.waits_for_standby() && standing.standbys != 0)
    findings.ok("database.replication", kAbout, text);
  else if (standing.waits_for_standby())
    findings.warning("database.replication", kAbout, text, "see what became of the standby");
  else if (require_sync)
    findings.error("database.replication", kAbout, text, "set synchronous_standby_names, as store.require_sync wants");
  else
    findings.note("database.replication", kAbout, text,
                  "set synchronous_standby_names, and store.require_sync, where nothing may be lost");
  constexpr const char* remedy = "set it to on, and restart the server";
  if (!standing.fsync)
    findings.error("database.fsync", kAbout, "fsync is off: a crash of its machine destroys the store", remedy);
  if (!standing.full_page_writes)
    findings.error("database.full_page_writes", kAbout,
                   "full_page_writes is off: a crash of its machine may destroy the store", remedy);
  const auto ahead = std::chrono::duration_cast<std::chrono::milliseconds>(standing.clock_ahead).count();
  const std::string skew = "the server's is ahead by " + std::to_string(ahead) + " ms";
  standing.has_skew() ? findings.warning("clock.server", "clock", skew, "keep both machines' clocks with NTP")
                      : findings.ok("clock.server", "clock", skew);
}

void probe_server(const store::Reader& reader, const Config& config, Findings& findings) {
  judge_standing(store::read_standing(reader), config.require_sync, findings);
  const Micros now = store::read_server_clock(reader);
  const auto daemons = store::list_daemons(reader, now - store::kSilent);
  judge_daemons(daemons, store::find_lease(reader), now, findings);
  judge_places(store::integer_of(reader.query(kPlaces)), static_cast<std::int64_t>(daemons.size()), findings);
  probe_columns(reader, findings);
  probe_timeouts(reader, findings);
  probe_role(reader, findings);
}

}  // namespace nexus::app::doctor
