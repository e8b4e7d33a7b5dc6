// The pool of connections that read. A lease is one snapshot, which its first statement takes: REPEATABLE READ READ
// ONLY on the primary, because a standby would show rights that are gone. A statement that begins when its lease is
// older than `read_time_max`, or takes as long, is interrupted (Failure::interrupted). Never take a second lease on a
// thread that holds one: when all are out, this would deadlock.
//
// A connection that was lost is made anew by the next lease.
//
// Threads of pools (daemon/base/patient_thread.hpp) never hold all connections: one is left to the threads of the
// sockets. Threads: lease() from any; a Lease stays on one thread at a time.
#pragma once
#include <condition_variable>
#include <mutex>

#include "store/lease.hpp"
#include "store/postgres/session.hpp"

namespace nexus::store {

class PostgresReaders {
 public:
  PostgresReaders(LinkOptions options, std::size_t count, std::chrono::milliseconds read_time_max);
  /// All leases must have ended.
  ~PostgresReaders();
  PostgresReaders(const PostgresReaders&) = delete;
  PostgresReaders& operator=(const PostgresReaders&) = delete;

  /// Waits while all connections are leased or, on a patient thread, all but one. Throws Error, `unreachable` when no
  /// connection can be made.
  Lease lease();

 private:
  struct Slot;
  Slot* take();
  void give_back(Slot* slot) noexcept;

  const LinkOptions options_;
  const std::chrono::milliseconds read_time_max_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::mutex mutex_;
  std::condition_variable returned_, returned_to_patient_;
  std::size_t left_ = 0;  // connections that patient threads leave to the others
  std::vector<Slot*> free_;
};

}  // namespace nexus::store
