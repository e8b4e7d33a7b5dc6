#include "daemon/app/standing.hpp"

#include "daemon/app/backup_record.hpp"
#include "daemon/app/process.hpp"
#include "daemon/app/server_told.hpp"
#include "daemon/log.hpp"

namespace nexus::app {
namespace {

/// Whether an origin names this machine.
bool is_local(std::string_view origin) {
  const std::string_view host = origin.substr(origin.find("://") + 3);
  return host.starts_with("127.") || host.starts_with("[::1]") || host.starts_with("localhost");
}

system::Check file_check(const store::Database& database) {
  const bool damaged = database.is_damaged();
  return {"database", !damaged,
          damaged ? "SQLite found it damaged: stop nexusd, run nexusd check, restore it from a backup"
                  : "no damaged page was met"};
}

system::Check disk_check(const Disk& disk) {
  const bool low = disk.is_low();
  return {"disk", !low,
          low ? "free space is below audit.reserve: only refusals, kill switches and revocations are "
                "written; free some now"
              : "room for audit rows"};
}

std::string checkpoint_words(const store::Database& database, const audit::Checkpoints& checkpoints) {
  if (!database.leadership().term()) return "another daemon leads, and makes them";
  const Micros newest = checkpoints.newest();
  if (newest == 0) return "none since the start";
  return "the newest is " + std::to_string((now_micros() - newest) / kSecond) + " s old";
}

}  // namespace

system::Check server_check(const store::Database& database, const std::string& engine) {
  const std::string trouble = database.is_damaged() ? "it found damaged data" : database.not_ready();
  return {.name = "database",
          .ok = trouble.empty(),
          .detail = engine + (trouble.empty() ? "" : ": " + trouble),
          .outside = "the database cannot be written now"};
}

std::vector<system::Check> readiness_of(Installation& installation, const Disk& disk,
                                        const audit::Checkpoints& checkpoints, ObjectStorage& storage,
                                        const Config& config) {
  const auto stats = installation.database().writer().stats();
  std::vector<system::Check> out;
  const bool is_away = !installation.database().not_ready().empty();
  const char* writes = is_away ? "waits for the database" : "takes writes";
  out.push_back({"writer", !stats.fatal, stats.fatal ? "stopped: nexusd ends, its log says why" : writes});
  const bool is_file = installation.file() != nullptr;
  out.push_back(is_file ? file_check(installation.database())
                        : server_check(installation.database(), installation.store().engine));
  if (is_file) out.push_back(disk_check(disk));
  if (!is_file && !is_away) out.push_back(replication_check(installation.server()->standing(), config.require_sync));
  out.push_back({"audit_checkpoint", true, checkpoint_words(installation.database(), checkpoints)});
  if (is_file) out.push_back({"backup", true, backup_words(installation.directory().path())});
  // Trouble there is reported, but does not make the daemon unready: everything that needs no object still works.
  const std::string trouble = storage.trouble();
  out.push_back({"blobs", true, storage_words(config) + (trouble.empty() ? "" : "; the last call failed: " + trouble)});
  return out;
}

const char* fatal_words(const store::Error& error) {
  return error.failure == store::Failure::replaced
             ? "a file was replaced under nexusd: nothing is written any more, nexusd exits"
             : "the disk failed while committing: nothing is written any more, nexusd exits";
}

void tell_start(const Config& config, const Installation& installation, const Disk& disk, const std::string& listening,
                bool inherited) {
  log::info("nexusd", {{"version", NEXUS_VERSION},
                       {"listen", listening},
                       {"data_dir", installation.directory().path().string()},
                       {"connections_max", connections_allowed()},
                       {"streams_max", rails_options(config).streams_max}});
  if (inherited) log::info("the service manager opened the sockets; the addresses of listen are not opened");
  log::info("blobs", {{"kept", storage_words(config)}});
  if (config.uses_postgres())
    log::info("database", {{"kept", store_place(config, {}).text()},
                           {"engine", installation.store().engine},
                           {"daemon_id", installation.store().beat()->daemon_id()}});
  else
    log::info("disk", {{"free_bytes", disk.free_bytes()}, {"reserve_bytes", config.audit_reserve_bytes}});
  if (installation.recovered())
    log::warn("recovered after an unclean stop: the log of the database was there, and was read");
  if (installation.lost_its_log())
    log::warn(
        "nexus.db was copied while a nexusd had it open, and its log nexus.db-wal is not here: what was "
        "acknowledged last may be missing");
  if (config.blobs == BlobBackend::s3 && config.s3_endpoint.starts_with("http://"))
    log::warn("s3-endpoint is http: uploads and links cross the network in the clear; use https beyond loopback");
  if (config.otlp_endpoint.starts_with("http://") && !is_local(config.otlp_endpoint))
    log::warn("otlp-endpoint is http: traces name tenants and users, and cross the network in the clear");
}

}  // namespace nexus::app
