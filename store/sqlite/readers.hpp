// The pool of read-only connections. A lease is one snapshot: all reads through it show the database at the time when
// the lease was taken. Keep leases short, because a held snapshot prevents emptying the write-ahead log. A statement
// that runs when its lease is older than `read_time_max` is interrupted (Failure::interrupted), so long exports take
// one lease per page. Never take a second lease on a thread that holds one: when all are out, this would deadlock.
//
// A snapshot is kept after its lease, and leased again while it is the newest state (WalIndex): at most reads, nothing
// was committed since the read before. It is kept for a second at most, and never while a checkpoint waits.
//
// Threads of pools (daemon/base/patient_thread.hpp) never hold all connections: one is left to the threads of the
// sockets. Else a few tenants' long reads would keep everybody's requests waiting.
//
// Threads: lease(), make_way() and tidy() from any thread; a Lease stays on one thread at a time.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "store/lease.hpp"
#include "store/sqlite/connection.hpp"

namespace nexus::store {

class Readers {
 public:
  /// The file must exist and be migrated: a reader creates nothing. Throws Error or SchemaError.
  /// `read_time_max` 0: no limit.
  Readers(ConnectionOptions options, std::size_t count, std::chrono::milliseconds read_time_max);
  /// All leases must have ended.
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  /// Waits while all connections are leased or, on a patient thread, all but one. Throws Error when the snapshot cannot
  /// begin.
  Lease lease();
  /// For a checkpoint, before (`waits`) and after it. Ends the snapshots that nobody uses now. Those that are in use
  /// end with their leases, also when the checkpoint is over by then, and so do those that begin while it runs.
  void make_way(bool waits) noexcept;
  /// Ends the snapshots that nobody uses and that may not be kept any longer.
  void tidy() noexcept;

 private:
  struct Slot;
  Slot* take();
  Slot* take_kept(std::chrono::steady_clock::time_point begun_before) noexcept;
  void give_back(Slot* slot) noexcept;

  std::vector<std::unique_ptr<Slot>> slots_;
  std::mutex mutex_;
  std::condition_variable returned_, returned_to_patient_;
  std::size_t left_ = 0;  // connections that patient threads leave to the others
  std::vector<Slot*> free_;
  std::uint64_t turn_ = 0;  // raised before and after each checkpoint: odd while one runs
};

}  // namespace nexus::store
