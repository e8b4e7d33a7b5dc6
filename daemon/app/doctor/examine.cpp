#include "daemon/app/doctor/examine.hpp"

#include "daemon/app/doctor/probes.hpp"
#include "daemon/app/installation.hpp"
#include "store/identity.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app::doctor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBackup = "restore it from a backup";

/// What is read of the database and what hangs on it. `terms` is null for `nexusd check`, which looks at less.
class DatabaseExamination {
 public:
  DatabaseExamination(const Reading& reading, const Terms* terms, Findings& findings)
      : reading_(reading), terms_(terms), findings_(findings) {}

  void run_file(store::Connection& connection) {
    const store::Reader reader(connection);
    bool whole = false;
    attempt("schema.version", "schema", [&] { whole = probe_schema(reader, findings_); });
    attempt("database.damaged", "database", [&] { probe_soundness(reading_, connection, findings_); });
    attempt("log.lost", "log", [&] { probe_lost_log(reading_, reader, findings_); });
    if (store::has_meta(reader)) attempt("database.moved", "database", [&] { probe_moved(reader, findings_); });
    run(reader, whole);
  }

  void run_server(const store::Reader& reader) {
    bool whole = false;
    findings_.ok("database.server", "database", server_text(reader));
    attempt("database.moved", "database", [&] { probe_moved(reader, findings_); });
    attempt("schema.version", "schema", [&] { whole = probe_server_schema(reader, findings_); });
    if (whole && terms_ != nullptr)
      attempt("database.standing", "database", [&] { probe_server(reader, reading_.config, findings_); });
    run(reader, whole);
  }

 private:
  void run(const store::Reader& reader, bool whole) {
    attempt("audit.head", "audit", [&] { probe_heads(reader, findings_); });
    if (!whole) return;  // an older schema lacks tables that the probes read
    attempt("audit.checkpoints", "audit", [&] { probe_notes(reader, findings_); });
    attempt("keys.unreadable", "keys", [&] { probe_keys(reader, place(reader), findings_); });
    attempt("token.root", "system token", [&] { probe_root_token(reader, reading_.data_dir, findings_); });
    if (terms_ != nullptr) {
      attempt("audit.anchor", "audit", [&] { probe_anchor(reader, now_micros(), findings_); });
      attempt("clock.database", "clock", [&] { probe_clock(reader, now_micros(), findings_); });
    }
    attempt("objects.missing", "files", [&] { examine_objects(reader); });
  }

  template <class Probe>
  void attempt(const char* id, const char* about, const Probe& probe) {
    findings_.attempt(id, about, kBackup, probe);
  }

  KeyPlace place(const store::Reader& reader) const {
    return key_place(reading_.config, reading_.data_dir, store::find_meta(reader, "instance_id").value_or(""));
  }

  void examine_objects(const store::Reader& reader) {
    if (!probe_objects(reader, reading_.config, reading_.data_dir, findings_)) return;
    const fs::path bucket = reading_.data_dir / "blobs" / reading_.config.s3_bucket;
    if (terms_ != nullptr)
      probe_contents(reader, bucket, *terms_, now_micros(), findings_);
    else
      findings_.note("objects.contents", "files", "their contents were not compared");
  }

  const Reading& reading_;
  const Terms* terms_;
  Findings& findings_;
};

void examine_database(const Config& config, const fs::path& data_dir, const Use& use, const Terms* terms,
                      Findings& findings) {
  const fs::path database = data_dir / "nexus.db";
  Reading reading{.config = config, .data_dir = data_dir, .in_use = use.in_use()};
  if (terms != nullptr) reading.within = terms->within;
  std::optional<store::NoTrace> trace;
  if (use.is_ours()) {
    trace.emplace(database);
    reading.had_log = trace->had_log();
    if (terms != nullptr) probe_foreign_log(database, findings);
  }
  findings.attempt("database.unreadable", "database", kBackup, [&] {
    store::Connection connection({.path = database, .read_only = true});
    DatabaseExamination(reading, terms, findings).run_file(connection);
  });
}

void examine_server(const Config& config, const fs::path& data_dir, const Terms* terms, Findings& findings) {
  const Reading reading{.config = config, .data_dir = data_dir, .within = terms != nullptr ? terms->within : nullptr};
  const StorePlace place = store_place(config, data_dir);
  findings.attempt("database.unreachable", "database", "see whether the server runs, and what database says", [&] {
    bool is_made = false;
    look_at_store(place, [&](const store::Reader& reader) {
      is_made = true;
      DatabaseExamination(reading, terms, findings).run_server(reader);
    });
    if (!is_made)
      findings.error("database.empty", "database", place.text() + " holds no installation",
                     "name the one you mean with --database, or restore it from a backup");
  });
}

/// The data directory and all in it, and the database on a server.
void examine_directory(const Config& config, const fs::path& data_dir, const Terms* terms, Findings& findings) {
  const bool is_file = !config.uses_postgres();
  if (!(is_file ? probe_parts(data_dir, findings) : probe_parts_without_store(data_dir, findings))) return;
  if (!probe_owners_and_modes(data_dir, findings)) return;
  std::optional<Use> use;
  findings.attempt("directory.unreadable", "data directory", "ask as the user who owns it", [&] {
    use.emplace(data_dir, terms != nullptr && terms->within != nullptr);
    probe_use(*use, store_place(config, data_dir), findings);
  });
  if (!use) return;
  if (terms != nullptr) {
    if (terms->within == nullptr) probe_answer(*use, findings);
    probe_descriptors(*use, findings);
  }
  if (!is_file) return examine_server(config, data_dir, terms, findings);
  if (terms != nullptr) {
    probe_disk(config, data_dir, findings);
    probe_log_size(data_dir, findings);
  }
  examine_database(config, data_dir, *use, terms, findings);
}

Findings begun(const Config& config) {
  Findings findings;
  findings.ok("config.valid", "config", "is valid");
  probe_storage(config, findings);
  return findings;
}

}  // namespace

Findings check_installation(const Config& config) {
  Findings findings = begun(config);
  findings.attempt("installation.unreadable", "installation", kBackup,
                   [&] { examine_directory(config, config.data_dir, nullptr, findings); });
  return findings;
}

Findings examine(const Config& config, const Terms& terms) {
  Findings findings = begun(config);
  const fs::path data_dir = fs::absolute(terms.within != nullptr ? terms.within->data_dir : config.data_dir);
  findings.attempt("installation.unreadable", "installation", kBackup,
                   [&] { examine_directory(config, data_dir, &terms, findings); });
  if (config.uses_postgres())
    findings.note("backup.elsewhere", "backup", "not looked for: PostgreSQL's own tools make it");
  else
    findings.attempt("backup.unreadable", "backup", "run nexusd backup verify, which writes the record anew",
                     [&] { probe_backup(data_dir, now_micros(), findings); });
  if (terms.within == nullptr)
    probe_unit(findings);
  else
    findings.note("unit.score", "unit", "not judged from within: nexusd doctor, on the machine, does");
  return findings;
}

}  // namespace nexus::app::doctor
