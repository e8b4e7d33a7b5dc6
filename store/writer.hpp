// The writer of the store, as handlers and housekeeping see it. Units of work are queued, run and committed in groups.
// Nobody is answered before the COMMIT returned: that is the promise the whole house rests on.
//
// Tenants share the writer by time (daemon/base/fair_queue.hpp): the unit of the tenant that used the least runs next.
//
// Threads: submit and stats from any thread, run and stop from any but the writer's own. Unit and Done run on threads
// of the writer; those of one realm one at a time.
#pragma once
#include <chrono>
#include <functional>
#include <vector>

#include "store/work.hpp"

namespace nexus::store {

struct WriterLimits {
  std::size_t queue_units = 4096;
  std::size_t queue_units_high = 256;  // additional room for high units
  std::size_t queue_units_high_tenant = 64;
  std::size_t queue_units_tenant = 1024;  // of one tenant
  std::size_t queue_bytes = 64 << 20;     // what the waiting units hold: Work::bytes
  std::size_t queue_bytes_tenant = 16 << 20;
  std::size_t large_bytes = 16 << 10;  // units of so many bytes take turns with the smaller ones of their tenant
  std::size_t batch_units = 128;
  std::size_t batch_bytes = 256 << 10;      // a group ends with the unit that reaches this
  std::size_t batch_left_bytes = 32 << 10;  // or this with what its units leave to the end,
  std::size_t unit_left_bytes = 8 << 10;    // or with a unit that alone leaves so much
  std::chrono::microseconds batch_time{2000};
  bool fair = true;  // false exists only as the control of the test: first come, first served
  /// One of so many units, chosen at random, is undone and run a second time before it counts; 0: none. Tests find the
  /// unit that cannot run twice.
  unsigned rerun_one_of = 0;
  /// The clock that measures what units take. A test may have one of its own.
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

struct WriterStats {
  std::uint64_t batches = 0;
  std::uint64_t applied = 0;
  std::uint64_t refused = 0;
  std::uint64_t not_applied = 0;
  std::uint64_t unknown = 0;
  std::uint64_t queue_units = 0;    // waiting now
  std::uint64_t commit_micros = 0;  // time spent in COMMIT, in total
  std::uint64_t round_trips = 0;    // to a server, of all groups; 0 with a file
  bool fatal = false;
};

class Writer {
 public:
  /// Called once, on a thread of the writer, when it will never write again, after the Done of all waiting units. The
  /// process should end.
  using Fatal = std::function<void(const Error&)>;

  /// Called on a thread of the writer after a COMMIT, before the Done of its units, with what they touched. Must be
  /// quick and must not throw.
  using Committed = std::function<void(const std::vector<Place>&)>;

  Writer() = default;
  virtual ~Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Returns false when the queue, or the tenant's part of it, is full, or after stop() or a fatal failure. Neither
  /// Unit nor Done is called then.
  virtual bool submit(Work work) = 0;
  /// Submits work of the daemon itself.
  bool submit(Unit unit, Done done, Priority priority = Priority::normal) {
    return submit(Work{.unit = std::move(unit), .done = std::move(done), .priority = priority});
  }
  /// Submits and waits, on a thread that may block. Returns not_applied/busy when submit returns false. `realms` and
  /// `bytes` are those of Work. Throws std::logic_error on a thread of the writer.
  Result run(Unit unit, Realms realms = Realms::every(), std::size_t bytes = 0);
  /// Like run(), but throws the error unless the unit was applied.
  void apply(Unit unit);
  /// Replaces the listener of commits; an empty function removes it. The old listener is not called any more once this
  /// returns.
  virtual void on_commit(Committed listener) = 0;
  /// Accepts no more units, runs the waiting ones, and ends its threads. May be called again.
  virtual void stop() = 0;
  virtual WriterStats stats() const = 0;

 private:
  virtual bool is_own_thread() const = 0;
};

}  // namespace nexus::store
