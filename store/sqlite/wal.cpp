#include "store/sqlite/wal.hpp"

#include <sqlite3.h>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/readers.hpp"

namespace nexus::store {
namespace {
constexpr std::uint64_t kFrameBytes = 4096 + 24;
constexpr int kBusyResetMs = 5000;  // as connection.cpp sets it
}  // namespace

Wal::Wal(Connection& connection, WalLimits limits, Readers* readers)
    : connection_(connection), limits_(limits), readers_(readers), next_checkpoint_(limits.checkpoint_pages) {
  sqlite3_wal_hook(connection_.handle(), on_commit, this);
  // Copies the log of the last run into the file now, while no unit waits.
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

Wal::~Wal() { sqlite3_wal_hook(connection_.handle(), nullptr, nullptr); }

int Wal::on_commit(void* self, sqlite3*, const char*, int pages) {
  static_cast<Wal*>(self)->set_pages(static_cast<std::uint32_t>(pages));
  return SQLITE_OK;
}

void Wal::set_pages(std::uint32_t pages) {
  if (pages < pages_) next_checkpoint_ = limits_.checkpoint_pages;  // the log restarted
  pages_ = pages;
  stats_.bytes = pages * kFrameBytes;
}

void Wal::after_commit() {
  if (readers_ != nullptr) readers_->tidy();
  if (pages_ < next_checkpoint_) return;
  if (stats_.bytes < limits_.patient_bytes) {
    checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  } else {
    checkpoint(SQLITE_CHECKPOINT_RESTART, limits_.patience);
  }
  next_checkpoint_ = pages_ + limits_.checkpoint_pages;
}

void Wal::when_idle() {
  if (readers_ != nullptr) readers_->tidy();
  if (pages_ > 0) checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

bool Wal::has_room() {
  if (stats_.bytes < limits_.refuse_bytes) return true;
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  return stats_.bytes < limits_.refuse_bytes;
}

void Wal::empty() { checkpoint(SQLITE_CHECKPOINT_TRUNCATE, std::chrono::milliseconds(kBusyResetMs)); }

// A failed checkpoint, even a failed sync, loses nothing: the frames stay in the log, and the next checkpoint copies
// them again.
void Wal::checkpoint(int mode, std::chrono::milliseconds patience) {
  sqlite3* db = connection_.handle();
  int log_pages = 0;
  int copied_pages = 0;
  sqlite3_busy_timeout(db, static_cast<int>(patience.count()));
  if (readers_ != nullptr) readers_->make_way(true);
  const int code = sqlite3_wal_checkpoint_v2(db, "main", mode, &log_pages, &copied_pages);
  if (readers_ != nullptr) readers_->make_way(false);
  sqlite3_busy_timeout(db, kBusyResetMs);
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) return;
  if (log_pages >= 0) set_pages(static_cast<std::uint32_t>(log_pages));
  ++(code != SQLITE_OK || log_pages != copied_pages ? stats_.checkpoints_partial : stats_.checkpoints);
}

void Wal::keep_for_recovery() { sqlite3_db_config(connection_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

}  // namespace nexus::store
