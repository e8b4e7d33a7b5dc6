#include "daemon/app/check.hpp"

#include <cstdio>

#include "daemon/app/object_home.hpp"
#include "daemon/app/object_storage.hpp"
#include "daemon/audit/chain.hpp"
#include "daemon/blobs/s3_trial.hpp"
#include "daemon/config/resolve.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/directory.hpp"
#include "store/sqlite/migrations.hpp"

namespace nexus::app {
namespace {

class Report {
 public:
  void line(bool ok, const std::string& what, const std::string& detail) {
    std::printf("%s %s: %s\n", ok ? "ok  " : "FAIL", what.c_str(), detail.c_str());
    failed_ = failed_ || !ok;
  }
  int exit_code() const { return failed_ ? 1 : 0; }

 private:
  bool failed_ = false;
};

/// Each chain's last row must hash to its head. The whole chain is what an audit verification walks.
void check_heads(const store::Reader& reader, Report& report) {
  std::size_t chains = 0;
  for (const auto& head : store::list_audit_heads(reader)) {
    ++chains;
    const auto row = store::find_audit_row(reader, head.tenant_id, head.env, head.seq);
    const bool sound = row && row->hash == head.hash &&
                       audit::row_hash(head.tenant_id, head.env, row->seq, row->prev_hash, row->body) == row->hash;
    if (!sound)
      report.line(false, "audit", "the head of " + head.tenant_id + "/" + head.env + " does not match its row");
  }
  report.line(true, "audit", std::to_string(chains) + " chain heads read");
}

void check_database(const Config& config, const std::filesystem::path& path, Report& report) {
  if (!std::filesystem::exists(path))
    return report.line(true, "database", "does not exist yet: the first start makes it");
  store::Connection connection({.path = path, .read_only = true});
  const store::Reader reader(connection);
  const auto known = static_cast<std::int64_t>(store::embedded_migrations().size());
  store::Query q = reader.query("PRAGMA user_version");
  q.next();
  const std::int64_t version = q.integer(0);
  report.line(version <= known, "schema",
              "version " + std::to_string(version) + (version < known ? "; the next start brings it to " : " of ") +
                  std::to_string(known));
  const std::string damage = store::find_damage(connection, true);
  report.line(damage.empty(), "database", damage.empty() ? "sound" : damage);
  check_heads(reader, report);
  if (version < known) return;  // an older schema has not every table that is asked for
  const auto fault = object_home_fault(reader, config);
  report.line(!fault, "objects", fault.value_or("lie where the configuration looks"));
}

void check_objects(const Config& config, Report& report) {
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

}  // namespace

int check(const Config& config) {
  Report report;
  report.line(true, "config", "is valid");
  check_objects(config, report);
  if (!std::filesystem::exists(config.data_dir)) {
    report.line(true, "data directory", "does not exist yet: the first start makes it");
    return report.exit_code();
  }
  try {
    // The lock is taken for the look alone, so that no daemon starts meanwhile; a running one is looked at beside it.
    std::optional<store::DataDirectory> directory;
    try {
      directory.emplace(config.data_dir);
      report.line(true, "data directory", "owned by us, closed to others, not in use");
    } catch (const store::DirectoryInUse&) {
      report.line(true, "data directory", "in use by a running nexusd");
    }
    check_database(config, config.data_dir / "nexus.db", report);
  } catch (const std::exception& error) {
    report.line(false, "installation", error.what());
  }
  return report.exit_code();
}

}  // namespace nexus::app
