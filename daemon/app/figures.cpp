#include "daemon/app/figures.hpp"

#include "daemon/app/process.hpp"
#include "daemon/base/build_info.hpp"
#include "daemon/base/metrics_page.hpp"
#include "store/figures.hpp"

namespace nexus::app {
namespace {

double file_bytes(const std::filesystem::path& file) {
  std::error_code absent;
  const auto bytes = std::filesystem::file_size(file, absent);
  return absent ? 0 : static_cast<double>(bytes);
}

void add_disk(MetricsPage& page, const Figures& figures) {
  page.gauge("nexus_disk_free_bytes", "Free space under the data directory")
      .sample(static_cast<double>(figures.free_bytes));
  page.gauge("nexus_disk_reserve_bytes", "audit.reserve: with less free space only refusals and tightening are written")
      .sample(static_cast<double>(figures.reserve_bytes));
}

void add_file(MetricsPage& page, const FileFigures& figures) {
  page.gauge("nexus_database_file_bytes", "Size of the database and of its write-ahead log, as files")
      .sample(file_bytes(figures.database), {{"file", "nexus.db"}})
      .sample(file_bytes(figures.database.string() + "-wal"), {{"file", "nexus.db-wal"}});
  page.gauge("nexus_wal_bytes", "What stands in the write-ahead log since it last began anew")
      .sample(static_cast<double>(figures.log.bytes));
  page.counter("nexus_wal_checkpoints_total", "Copies of the whole log into the database")
      .sample(static_cast<double>(figures.log.checkpoints));
  page.counter("nexus_wal_partial_checkpoints_total", "Copies of a part of the log, because a reader was in the way")
      .sample(static_cast<double>(figures.log.checkpoints_partial));
}

void add_audit(MetricsPage& page, const Figures& figures, const store::Reader& reader) {
  const auto audit = store::audit_figures(reader);
  page.gauge("nexus_audit_chains", "Chains of the audit log: one a tenant and env that has rows")
      .sample(static_cast<double>(audit.chains));
  page.counter("nexus_audit_rows_total", "Rows of all chains of the audit log").sample(static_cast<double>(audit.rows));
  page.gauge("nexus_audit_checkpoint_timestamp_seconds",
             "When the newest signed checkpoint was made, in seconds since 1970; 0 before the first since the start")
      .sample(static_cast<double>(figures.checkpoint_at) / 1e6);
}

void add_daemons(MetricsPage& page, const Figures& figures) {
  page.gauge("nexus_leader", "1 on the daemon that makes checkpoints and removes what is past its time")
      .sample(figures.leadership->term().has_value());
  page.gauge("nexus_daemons", "Daemons that serve from this store, as this one sees them")
      .sample(static_cast<double>(figures.leadership->daemons()));
}

void add_lanes(MetricsPage& page, const Figures& figures) {
  const auto each = [&](std::size_t http::FairExecutor::Load::*figure) {
    for (const auto& [lane, load] : figures.lanes) page.sample(static_cast<double>(load.*figure), {{"lane", lane}});
  };
  page.gauge("nexus_lane_waiting_tasks", "Tasks that wait for a thread of their lane");
  each(&http::FairExecutor::Load::waiting);
  page.gauge("nexus_lane_busy_threads", "Threads that run tasks of the lane");
  each(&http::FairExecutor::Load::busy);
  page.gauge("nexus_lane_threads", "The most threads that run tasks of the lane");
  each(&http::FairExecutor::Load::width);
}

}  // namespace

std::optional<FileFigures> file_figures(store::SqliteDatabase* file) {
  if (file == nullptr) return std::nullopt;
  return FileFigures{file->path(), file->writer().log_stats()};
}

std::string figures_text(const Figures& figures, const store::Reader* reader) {
  MetricsPage page;
  page.gauge("nexus_build_info", "1, with what this nexusd was made of")
      .sample(1, {{"version", kBuildInfo.version}, {"commit", kBuildInfo.commit}, {"compiler", kBuildInfo.compiler}});
  page.gauge("nexus_ready", "Checks of /readyz: 1 where all is well");
  for (const auto& check : figures.checks) page.sample(check.ok, {{"check", check.name}});
  page.gauge("nexus_connections_max", "The most connections that may be open")
      .sample(static_cast<double>(figures.connections_max));
  add_disk(page, figures);
  if (figures.file) add_file(page, *figures.file);
  if (reader != nullptr) add_audit(page, figures, *reader);
  add_daemons(page, figures);
  add_lanes(page, figures);
  return page.text() + process_metrics_text();
}

}  // namespace nexus::app
