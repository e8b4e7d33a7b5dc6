// `nexusd check`: examines an installation without serving or changing it.
#include <algorithm>
#include <cstdio>

#include "daemon/app/commands.hpp"
#include "daemon/app/installation.hpp"
#include "daemon/app/keys.hpp"
#include "daemon/app/object_storage.hpp"
#include "daemon/app/swap.hpp"
#include "daemon/audit/chain.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/s3_trial.hpp"
#include "daemon/config/resolve.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/objects.hpp"
#include "store/sqlite/directory.hpp"
#include "store/sqlite/migrations.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

class Report {
 public:
  void line(bool ok, const std::string& what, const std::string& detail) {
    print(ok ? "ok  " : "FAIL", what, detail);
    failed_ = failed_ || !ok;
  }
  /// Reports something that was not compared.
  void note(const std::string& what, const std::string& detail) { print("note", what, detail); }
  int exit_code() const { return failed_ ? 1 : 0; }

 private:
  static void print(const char* verdict, const std::string& what, const std::string& detail) {
    std::printf("%s %s: %s\n", verdict, what.c_str(), detail.c_str());
  }
  bool failed_ = false;
};

/// Each chain's last row must hash to its head. An audit verification walks the whole chain.
void check_heads(const store::Reader& reader, Report& report) {
  std::size_t chains = 0;
  for (const auto& head : store::list_audit_heads(reader)) {
    ++chains;
    const auto row = store::find_audit_row(reader, head.realm(), head.seq);
    const bool sound = row && row->hash == head.hash &&
                       audit::row_hash(head.realm(), row->seq, row->prev_hash, row->body) == row->hash;
    if (!sound)
      report.line(false, "audit", "the head of " + head.tenant_id + "/" + head.env + " does not match its row");
  }
  report.line(true, "audit", std::to_string(chains) + " chain heads read");
}

/// The newest note of each chain must be signed by a key of this installation, and cover no more rows than exist.
void check_notes(const store::Reader& reader, Report& report) {
  const auto keys = audit::list_checkpoint_keys(reader);
  const auto notes = store::list_newest_audit_notes(reader);
  const auto is_signed = [&](const std::string& note) {
    return keys.empty() || std::ranges::any_of(keys, [&](const auto& key) { return audit::is_signed_by(note, key); });
  };
  for (const auto& note : notes) {
    const std::string chain = note.tenant_id.empty() ? "all chains" : note.tenant_id + "/" + note.env;
    if (!is_signed(note.note))
      report.line(false, "audit", "the newest checkpoint of " + chain + " is signed by no key of ours");
    if (note.tenant_id.empty()) continue;
    const auto head = store::find_audit_head(reader, note.realm());
    const std::int64_t rows = head ? head->seq : 0;
    if (note.size > rows)
      report.line(false, "audit",
                  chain + " has " + std::to_string(rows) + " rows, and its newest checkpoint tells of " +
                      std::to_string(note.size) + ": rows are missing");
  }
  report.line(true, "audit", std::to_string(notes.size()) + " newest checkpoints held against them");
  report.note("audit", "the rows before the heads were not compared: nexusctl audit verify --database does");
}

void check_keys(const store::Reader& reader, const KeyPlace& place, Report& report) {
  const auto faults = find_key_faults(reader, place);
  for (const auto& fault : faults) report.line(false, "keys", fault.what);
  const auto kids = Keyring::kids(place.directory());
  if (faults.empty())
    report.line(true, "keys",
                "those that what is on record needs are there; " + std::to_string(kids.size()) + " sign tokens");
  report.note("keys", "whether more signing keys were here once is not on record: nexusd token keys lists these");
}

void check_root_token(const store::Reader& reader, const fs::path& data_dir, Report& report) {
  const fs::path file = data_dir / "root.token";
  if (!fs::exists(file)) return report.note("system token", "root.token is not here, and so was not compared");
  const std::string digest = sha256_hex(trim_ascii(read_file(file, 256)));
  const bool good = digest == store::find_meta(reader, "root_token_sha256");
  report.line(
      good, "system token",
      good ? "root.token is the one in force"
           : "root.token is not the one in force and would be refused: nexusd token rotate-root makes a new one");
}

std::vector<std::string> missing_objects(const store::Reader& reader, const fs::path& bucket, std::size_t& seen) {
  std::vector<std::string> missing;
  seen = 0;
  store::scan_object_records(reader, [&](std::string_view key, std::int64_t size) {
    ++seen;
    std::error_code absent;
    if (fs::file_size(bucket / key, absent) != static_cast<std::uintmax_t>(size) || absent) missing.emplace_back(key);
  });
  return missing;
}

void check_objects(const store::Reader& reader, const Config& config, const fs::path& data_dir, Report& report) {
  if (config.blobs != BlobBackend::local)
    return report.note("files", "the objects on S3 were not held against what is on record");
  std::size_t seen = 0;
  auto missing = missing_objects(reader, data_dir / "blobs" / config.s3_bucket, seen);
  // Looks again: a running daemon may have deleted records meanwhile.
  if (!missing.empty()) missing = missing_objects(reader, data_dir / "blobs" / config.s3_bucket, seen);
  if (missing.empty()) {
    report.line(true, "files", std::to_string(seen) + " on record, each there in its size");
    return report.note("files", "their contents were not compared");
  }
  report.line(false, "files",
              std::to_string(missing.size()) + " of " + std::to_string(seen) +
                  " on record are not there in their size, the first: " + missing.front());
}

void check_log(const store::Reader& reader, bool log_was_there, Report& report) {
  const bool lost = is_left_in_use(reader) && !log_was_there;
  report.line(!lost, "log",
              lost ? "nexus.db was copied while nexusd had it open, and nexus.db-wal is not beside it: what was "
                     "acknowledged last may be missing; copy nexus.db* together, or with nexusd stopped"
                   : "nothing of the database was left behind in it");
}

void check_database(const Config& config, bool in_use, Report& report) {
  const fs::path path = config.data_dir / "nexus.db";
  std::optional<store::NoTrace> trace;
  if (!in_use) trace.emplace(path);
  store::Connection connection({.path = path, .read_only = true});
  const store::Reader reader(connection);
  const auto newest = static_cast<std::int64_t>(store::embedded_migrations().size());
  const std::int64_t version = store::integer_of(reader.query("PRAGMA user_version"));
  report.line(version <= newest, "schema",
              "version " + std::to_string(version) + (version < newest ? "; the next start brings it to " : " of ") +
                  std::to_string(newest));
  const std::string damage = store::find_damage(connection, true);
  report.line(damage.empty(), "database", damage.empty() ? "sound" : damage);
  check_log(reader, !trace || trace->had_log(), report);
  check_heads(reader, report);
  if (version < newest) return;  // an older schema lacks tables that the checks read
  check_notes(reader, report);
  const auto place = key_place(config, config.data_dir, store::find_meta(reader, "instance_id").value_or(""));
  check_keys(reader, place, report);
  check_root_token(reader, config.data_dir, report);
  const auto fault = object_home_fault(reader, config);
  report.line(!fault, "objects", fault.value_or("lie where the configuration looks"));
  if (!fault) check_objects(reader, config, config.data_dir, report);
}

void check_storage(const Config& config, Report& report) {
  if (config.blobs == BlobBackend::local) return report.line(true, "blobs", storage_words(config));
  try {
    const auto options = s3_options(config);
    report.line(true, "blobs", storage_words(config));
    blobs::try_round_trip(
        options, [&](bool ok, const std::string& step, const std::string& found) { report.line(ok, step, found); });
  } catch (const ConfigError& error) {
    report.line(false, "blobs", error.what());
  }
}

/// Whether there is an installation. A check never makes parts that a start would make.
bool is_whole(const Config& config, Report& report) {
  if (is_swap_cut(config.data_dir)) {
    report.line(false, "restore", "was cut before its end: the next start of nexusd completes it");
    return false;
  }
  if (!fs::exists(config.data_dir / "nexus.db")) {
    report.line(false, "data directory", config.data_dir.string() + " holds no installation: nexus.db is not there");
    return false;
  }
  for (const char* part : {"keys", "blobs"})
    if (!fs::is_directory(config.data_dir / part))
      report.line(false, "data directory", (config.data_dir / part).string() + " is not there");
  return true;
}

/// The lock is taken only for the check, so that no daemon starts meanwhile. A check of a running daemon's installation
/// goes on without it.
void check_installation(const Config& config, Report& report) {
  std::optional<store::DataDirectory> directory;
  bool in_use = false;
  try {
    directory.emplace(config.data_dir, store::MissingParts::stay);
    report.line(true, "data directory", "owned by us, closed to others, not in use");
  } catch (const store::DirectoryInUse&) {
    in_use = true;
    report.line(true, "data directory", "in use by a running nexusd");
  }
  check_database(config, in_use, report);
}

}  // namespace

int check(const Config& config) {
  Report report;
  report.line(true, "config", "is valid");
  check_storage(config, report);
  if (!is_whole(config, report)) return report.exit_code();
  try {
    check_installation(config, report);
  } catch (const std::exception& error) {
    report.line(false, "installation", error.what());
  }
  return report.exit_code();
}

}  // namespace nexus::app
