// The database file: sound, of a known schema, with its own log beside it.
#include <algorithm>
#include <fstream>

#include "daemon/app/doctor/probes.hpp"
#include "daemon/app/installation.hpp"
#include "daemon/app/moved_store.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/sqlite/lone_file.hpp"
#include "store/sqlite/migrations.hpp"

namespace nexus::app::doctor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRestore = "stop nexusd, and restore the backup that nexusd backup verify proves";

/// Whether the log begins as SQLite's do: 0x377f0682 or 0x377f0683 (SQLite, "Database File Format", 4.1).
bool is_log(const fs::path& log) {
  char head[4] = {};
  std::ifstream(log, std::ios::binary).read(head, sizeof head);
  return std::string_view(head, 3) == "\x37\x7f\x06" && (head[3] == '\x82' || head[3] == '\x83');
}

constexpr const char* kDamages = "with it the database is damaged, without it sound";

/// What shows that the log changed the file into what it never was; empty if nothing does.
std::string find_foreign(const store::LoneFile& alone, store::Connection& together) {
  const store::Reader reader(together);
  const auto instance = store::has_meta(reader) ? store::find_meta(reader, "instance_id") : std::nullopt;
  // The first start writes the id into the log, and it comes into the file later.
  if (const auto own = alone.meta.find("instance_id"); own != alone.meta.end() && own->second != instance)
    return "it names another installation";
  std::map<std::string, std::int64_t> behind = alone.audit_heads;  // chains that the log lets vanish
  for (const auto& head : store::list_audit_heads(reader)) {
    const std::string chain = head.tenant_id + "/" + head.env;
    const auto before = alone.audit_heads.find(chain);
    const std::int64_t seq = before == alone.audit_heads.end() ? 0 : before->second;
    if (head.seq >= seq) behind.erase(chain);
    // A log that was cut off while it was copied into the file goes on from there: no row is missing in between.
    if (head.seq > seq && !store::find_audit_row(reader, head.realm(), seq + 1))
      return "with it " + chain + " has no audit row " + std::to_string(seq + 1);
  }
  if (!behind.empty())
    return "with it " + behind.begin()->first + " has less than the " + std::to_string(behind.begin()->second) +
           " audit rows that it has without it";
  return store::find_damage(together, false).empty() ? "" : kDamages;
}

/// Both engines have the same numbers.
bool judge_schema(std::int64_t version, Findings& findings) {
  const auto newest = static_cast<std::int64_t>(store::embedded_migrations().size());
  const std::string figures = "version " + std::to_string(version);
  if (version > newest)
    findings.error("schema.version", "schema", figures + " of " + std::to_string(newest) + ": a newer nexusd wrote it",
                   "start the nexusd that wrote it, or a newer one");
  else
    findings.ok("schema.version", "schema",
                figures + (version < newest ? "; the next start brings it to " : " of ") + std::to_string(newest));
  return version >= newest;
}

}  // namespace

void probe_foreign_log(const fs::path& database, Findings& findings) {
  const fs::path log = database.string() + "-wal";
  const std::string remedy =
      "copy nexus.db* aside; then put the log back that belongs to nexus.db, or move " + log.string() + " away";
  std::error_code missing;
  const auto bytes = fs::file_size(log, missing);
  if (missing || bytes == 0) return;
  if (!is_log(log)) return findings.error("log.foreign", "log", "nexus.db-wal is no log of SQLite", remedy);
  const auto alone = store::read_without_log(database, true);
  if (!alone) return;
  std::string why;
  try {
    store::Connection together({.path = database, .read_only = true});
    why = find_foreign(*alone, together);
  } catch (const std::exception&) {
    why = kDamages;
  }
  if (why == kDamages && !alone->sound) return;  // the file itself may be at fault, and is judged apart
  if (!why.empty()) findings.error("log.foreign", "log", "nexus.db-wal is the log of another database: " + why, remedy);
}

void probe_soundness(const Reading& reading, store::Connection& connection, Findings& findings) {
  if (reading.within == nullptr) {
    const std::string damage = store::find_damage(connection, true);
    damage.empty() ? findings.ok("database.sound", "database", "sound")
                   : findings.error("database.damaged", "database", damage, kRestore);
  } else if (reading.within->is_damaged) {
    findings.error("database.damaged", "database", "SQLite met a damaged page since the start", kRestore);
  } else {
    findings.note("database.sound", "database",
                  "no damaged page was met since the start; nexusd doctor, on the machine, reads every page");
  }
}

void probe_lost_log(const Reading& reading, const store::Reader& reader, Findings& findings) {
  const bool lost = reading.within != nullptr ? reading.within->lost_its_log
                                              : is_left_in_use(reader) && !reading.in_use && !reading.had_log;
  if (!lost) return findings.ok("log.whole", "log", "nothing of the database was left behind in it");
  findings.error("log.lost", "log",
                 "nexus.db was copied while nexusd had it open, and nexus.db-wal is not beside it: what was "
                 "acknowledged last may be missing",
                 "copy nexus.db* together, or with nexusd stopped");
}

void probe_moved(const store::Reader& reader, Findings& findings) {
  if (const auto moved_to = store::find_meta(reader, kMovedTo))
    findings.error("database.moved", "database", "its store was moved to " + *moved_to,
                   "serve from there; nexusd migrate --from --to moves it back");
}

bool probe_schema(const store::Reader& reader, Findings& findings) {
  return judge_schema(store::integer_of(reader.query("PRAGMA user_version")), findings);
}

bool probe_server_schema(const store::Reader& reader, Findings& findings) {
  return judge_schema(store::integer_of(reader.query("SELECT max(version) FROM schema_migrations")), findings);
}

}  // namespace nexus::app::doctor
