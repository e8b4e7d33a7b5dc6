// The pool of read-only connections. A lease is one snapshot: all reads through it show the database at the time when
// the lease was taken. Keep leases short, because a held snapshot prevents emptying the write-ahead log. A statement
// that runs when its lease is older than `read_time_max` is interrupted (Failure::interrupted), so long exports take
// one lease per page. Never take a second lease on a thread that holds one: when all are out, this would deadlock.
//
// Threads: lease() from any thread; a Lease stays on one thread at a time.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "store/sqlite/connection.hpp"

namespace nexus::store {

class Readers;

/// A leased snapshot. It ends and its connection returns to the pool when destroyed.
class Lease {
 public:
  Lease(Lease&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), slot_(other.slot_), reader_(other.reader_) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease();
  Reader& reader() { return reader_; }

 private:
  friend class Readers;
  struct Slot;
  Lease(Readers* pool, Slot* slot);
  Readers* pool_;
  Slot* slot_;
  Reader reader_;
};

class Readers {
 public:
  /// The file must exist and be migrated: a reader creates nothing. Throws Error or SchemaError.
  /// `read_time_max` 0: no limit.
  Readers(ConnectionOptions options, std::size_t count, std::chrono::milliseconds read_time_max);
  /// All leases must have ended.
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  /// Waits while all connections are leased. Throws Error when the snapshot cannot begin.
  Lease lease();

 private:
  friend class Lease;
  Lease::Slot* take();
  void give_back(Lease::Slot* slot) noexcept;

  std::vector<std::unique_ptr<Lease::Slot>> slots_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Lease::Slot*> free_;
};

}  // namespace nexus::store
