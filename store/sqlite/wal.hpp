// When the write-ahead log is copied back into the file (checkpoints), and when it has grown too large to go on.
// Part of the writer: all of it runs on the writer's thread, over the writer's connection, which alone checkpoints.
//
// After a commit that left `checkpoint_pages` or more in the log: PASSIVE, which waits for nobody. When nothing is
// written for `idle`: TRUNCATE, which gives up at once when a reader is in the way. Readers that overlap without a
// pause keep the log from beginning anew although each is short (seen: 110 MiB in 10 s): over `patient_bytes` a
// checkpoint waits up to `patience` for those who read now, while no commit gives new ones a newer snapshot. A reader
// that holds its snapshot makes the log grow all the same: over `alarm_bytes` stats say so, over `refuse_bytes` units
// are refused until it shrank.
#pragma once
#include <chrono>
#include <cstdint>

#include "daemon/base/clock.hpp"

struct sqlite3;

namespace nexus::store {

class Connection;

struct WalLimits {
  std::uint32_t checkpoint_pages = 1000;
  std::uint64_t patient_bytes = 16ull << 20;
  std::chrono::milliseconds patience{25};
  std::uint64_t alarm_bytes = 64ull << 20;
  std::uint64_t refuse_bytes = 256ull << 20;
  std::chrono::milliseconds idle{500};
};

struct WalStats {
  std::uint64_t bytes = 0;  // of frames in the log since it last began anew
  bool alarm = false;
  std::uint64_t checkpoints = 0;          // that emptied the log
  std::uint64_t checkpoints_partial = 0;  // that met a reader
  std::uint64_t checkpoints_failed = 0;
  Micros last_checkpoint_at = 0;  // the last that emptied the log; 0: none since start
};

class Wal {
 public:
  /// Installs the commit hook on `connection`, which must outlive this.
  Wal(Connection& connection, WalLimits limits);
  ~Wal();
  Wal(const Wal&) = delete;
  Wal& operator=(const Wal&) = delete;

  void after_commit();
  /// Nothing waits: empties and truncates the log. True when there is nothing left to do.
  bool when_idle();
  /// May a batch begin? Over refuse_bytes it first tries to empty the log.
  bool has_room();
  /// Waits for those who read now, and copies all that is in the log into the file; true when the log is empty.
  bool empty();
  /// After a sync failed: the log stays on disk as it is, for the next start to judge, also when closing.
  void keep_for_recovery();
  std::chrono::milliseconds idle() const { return limits_.idle; }
  bool is_empty() const { return pages_ == 0; }
  const WalStats& stats() const { return stats_; }

 private:
  static int on_commit(void* self, sqlite3*, const char* database, int pages);
  bool checkpoint(int mode, std::chrono::milliseconds patience = {});
  void set_pages(std::uint32_t pages);

  Connection& connection_;
  const WalLimits limits_;
  WalStats stats_;
  std::uint32_t pages_ = 0;
  std::uint32_t next_checkpoint_;  // pages; moves on after an incomplete one, so that not every commit tries again
};

}  // namespace nexus::store
