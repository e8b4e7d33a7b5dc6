// Decides when to copy the write-ahead log into the file (checkpoints), and when the log is too large to go on. Part of
// the writer: it runs on the writer's thread, with the writer's connection, which alone checkpoints.
//
// After a commit that left `checkpoint_pages` or more in the log, it runs PASSIVE, which waits for no reader. When
// nothing is written for `idle`, it runs TRUNCATE, which gives up at once when a reader is in the way. Short readers
// that overlap without a pause keep the log from restarting (seen: 110 MiB in 10 s). So over `patient_bytes` a
// checkpoint waits up to `patience` for the current readers, while no commit gives new ones a newer snapshot. A reader
// that holds its snapshot still makes the log grow: over `refuse_bytes` units are refused until the log has shrunk.
// Before it checkpoints, it asks the pool of readers to end the snapshots that are only kept.
#pragma once
#include <chrono>
#include <cstdint>

struct sqlite3;

namespace nexus::store {

class Connection;
class Readers;

struct WalLimits {
  std::uint32_t checkpoint_pages = 1000;
  std::uint64_t patient_bytes = 16ull << 20;
  std::chrono::milliseconds patience{25};
  std::uint64_t refuse_bytes = 256ull << 20;
  std::chrono::milliseconds idle{500};
};

struct WalStats {
  std::uint64_t bytes = 0;                // of frames in the log since it last restarted
  std::uint64_t checkpoints = 0;          // that emptied the log
  std::uint64_t checkpoints_partial = 0;  // that met a reader
};

class Wal {
 public:
  /// Installs the commit hook on `connection`, which must outlive this, as must `readers`. Null: nobody reads.
  Wal(Connection& connection, WalLimits limits, Readers* readers = nullptr);
  ~Wal();
  Wal(const Wal&) = delete;
  Wal& operator=(const Wal&) = delete;

  void after_commit();
  /// Empties and truncates the log while no unit waits. Snapshots that were kept too long end.
  void when_idle();
  /// Whether a batch may begin. Over refuse_bytes it first tries to empty the log.
  bool has_room();
  /// Waits for the current readers and copies the whole log into the file.
  void empty();
  /// For a failed sync: leaves the log on disk unchanged, even when closing, for recovery at the next start.
  void keep_for_recovery();
  std::chrono::milliseconds idle() const { return limits_.idle; }
  const WalStats& stats() const { return stats_; }

 private:
  static int on_commit(void* self, sqlite3*, const char* database, int pages);
  void checkpoint(int mode, std::chrono::milliseconds patience = {});
  void set_pages(std::uint32_t pages);

  Connection& connection_;
  const WalLimits limits_;
  Readers* const readers_;
  WalStats stats_;
  std::uint32_t pages_ = 0;
  std::uint32_t next_checkpoint_;  // pages; raised after an incomplete one, so that not every commit retries
};

}  // namespace nexus::store
