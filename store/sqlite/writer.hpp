// The one writer. Units of work are queued, run on one thread, and committed in groups: all waiting units (up to a
// limit of count, bytes and time) share one transaction and one sync. A unit that fails undoes only its own work:
// either it ran in a savepoint, or the other units of its group run again (doubts.hpp). Nobody is answered before the
// COMMIT returned: that is the promise the whole house rests on. What costs much at each savepoint, as full-text search
// does, a unit leaves to the end of its group (Tx::at_group_end).
//
// Tenants share the writer by time (daemon/base/fair_queue.hpp): the unit of the tenant that used the least runs next.
// A unit is taken when it runs, not before, so that a quiet tenant's unit passes those of a busy one at once.
//
// Refused designs: a delay to gather bigger groups (the sync itself is the gathering window), and a retry after a
// failed sync (the kernel may have dropped the pages and marked them clean: the next sync would lie).
//
// Threads: submit and stats from any thread, run and stop from any but the writer's own. Unit and Done run on the
// writer's thread, one at a time. Nothing else may use the Connection while the Writer exists.
#pragma once
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "daemon/base/fair_queue.hpp"

#include "store/heads.hpp"
#include "store/sqlite/chores.hpp"
#include "store/sqlite/doubts.hpp"
#include "store/sqlite/wal.hpp"
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
  bool fatal = false;
  WalStats wal;
};

class Writer {
 public:
  /// Called once, on the writer's thread, when a commit's outcome is unknown or after halt(), after the Done of all
  /// waiting units. The process should end, because this Writer no longer writes.
  using Fatal = std::function<void(const Error&)>;

  /// Called on the writer's thread after a COMMIT, before the Done of its units, with what they touched. Must be quick
  /// and must not throw.
  using Committed = std::function<void(const std::vector<Place>&)>;

  /// `readers` of the same file give up the snapshots that they keep when a checkpoint waits; they outlive the Writer.
  Writer(Connection& connection, Fatal on_fatal, WriterLimits limits = {}, WalLimits wal = {},
         Readers* readers = nullptr);
  /// Calls stop().
  ~Writer();

  /// Returns false when the queue, or the tenant's part of it, is full, or after stop() or a fatal failure. Neither
  /// Unit nor Done is called then.
  bool submit(Work work);
  /// Submits work of the daemon itself.
  bool submit(Unit unit, Done done, Priority priority = Priority::normal) {
    return submit({.unit = std::move(unit), .done = std::move(done), .priority = priority});
  }
  /// Submits and waits, on a thread that may block. Returns not_applied/busy when submit returns false. `realms` and
  /// `bytes` are those of Work.
  Result run(Unit unit, Realms realms = Realms::every(), std::size_t bytes = 0);
  /// Like run(), but throws the error unless the unit was applied.
  void apply(Unit unit);
  /// Begins what this thread does in turns between groups. Meanwhile each unit runs in a savepoint, so that a refused
  /// one undoes no whole transaction. False, and nothing happened, while another chore is under way, and when the
  /// writer stops. Threads: any; does not wait.
  bool begin_chore(Chore chore);
  /// Replaces the listener of commits; an empty function removes it. The old listener is not called any more once this
  /// returns.
  void on_commit(Committed listener);
  /// Stops all writing because the file was replaced under its name; `why` is the reason. Waiting units are not
  /// applied. The log is copied into the file that we hold and is then empty, because the other file would take a log
  /// of this name for its own. Threads: any. Does not wait.
  void halt(const Error& why);
  /// Accepts no more units, runs the waiting ones, and joins the thread. May be called again.
  void stop();
  WriterStats stats() const;

 private:
  struct Item {
    Work work;
    std::string line;  // that it waited in, and whose share it takes
    Result result;
  };

  /// How a unit runs. `twice` and `whole` need the savepoint.
  struct Way {
    bool in_savepoint = false;
    bool twice = false;
    bool whole = false;  // what the unit leaves is done in its savepoint too
  };

  void loop();
  void give_up_batch();
  bool wait_for_work();
  bool take_item() noexcept;
  void run_batch();
  void run_items();
  void run_item(std::size_t place, Way way);
  void run_group_again();
  void undo_item() noexcept;
  void charge(const Item& item, std::chrono::steady_clock::time_point& since);
  void end_group();
  void commit();
  void settle_failed_commit(const Error& error, bool begun);
  void settle(const Result& result);
  void answer() noexcept;
  void stop_writing(const Error& error);

  Connection& connection_;
  InsideTransaction tables_;
  Heads heads_;
  InsideTransaction units_;
  Tx control_;  // BEGIN, savepoints, COMMIT
  Tx tx_;       // for units: throws once the transaction is gone
  Wal wal_;
  const Fatal on_fatal_;
  const WriterLimits limits_;
  const Result no_memory_;  // made before memory can be short

  // Used by the writer's thread alone.
  std::vector<Item> batch_;                             // taken, Done not yet called; has room for a whole group
  std::vector<std::pair<std::size_t, Tx::Left>> left_;  // of the batch, with the place of the unit that left it
  std::size_t left_bytes_ = 0;
  std::chrono::microseconds commit_time_{0};
  Doubts doubts_, end_doubts_;                       // of units, and of what they leave
  int reruns_ = 0;                                   // of this group
  Result lost_;                                      // what undid the group's transaction last
  std::minstd_rand random_{std::random_device{}()};  // which units run twice
  std::optional<Error> in_doubt_;                    // set once a sync failed

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  FairQueue<Item> high_, normal_;  // shared by tenants: what a unit took of the writer's time is charged to its tenant
  bool stopping_ = false;
  std::optional<Error> halt_;
  WriterStats stats_;
  Chores chores_;
  std::mutex listener_mutex_;
  Committed committed_;
  std::mutex join_mutex_;
  std::thread thread_;
  std::thread::id thread_id_;
};

}  // namespace nexus::store
