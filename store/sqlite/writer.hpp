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

#include "store/doubts.hpp"
#include "store/heads.hpp"
#include "store/sqlite/chores.hpp"
#include "store/sqlite/wal.hpp"
#include "store/writer_queue.hpp"

namespace nexus::store {

class SqliteWriter final : public Writer {
 public:
  using Writer::submit;

  /// `readers` of the same file give up the snapshots that they keep when a checkpoint waits; they outlive the Writer.
  SqliteWriter(Connection& connection, Fatal on_fatal, WriterLimits limits = {}, WalLimits wal = {},
               Readers* readers = nullptr);
  /// Calls stop().
  ~SqliteWriter() override;

  bool submit(Work work) override;
  /// Begins what this thread does in turns between groups. Meanwhile each unit runs in a savepoint, so that a refused
  /// one undoes no whole transaction. False, and nothing happened, while another chore is under way, and when the
  /// writer stops. Threads: any; does not wait.
  bool begin_chore(Chore chore);
  void on_commit(Committed listener) override;
  /// Stops all writing because the file was replaced under its name; `why` is the reason. Waiting units are not
  /// applied. The log is copied into the file that we hold and is then empty, because the other file would take a log
  /// of this name for its own. Threads: any. Does not wait.
  void halt(const Error& why);
  void stop() override;
  WriterStats stats() const override;
  /// Of its log. Threads: any.
  WalStats log_stats() const;

 private:
  using Item = WaitingWork;

  /// How a unit runs. `twice` and `whole` need the savepoint.
  struct Way {
    bool in_savepoint = false;
    bool twice = false;
    bool whole = false;  // what the unit leaves is done in its savepoint too
  };

  bool is_own_thread() const override { return std::this_thread::get_id() == thread_id_; }
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
  WriterQueue queue_;
  bool stopping_ = false;
  std::optional<Error> halt_;
  WriterStats stats_;
  WalStats log_;
  Chores chores_;
  std::mutex listener_mutex_;
  Committed committed_;
  std::mutex join_mutex_;
  std::thread thread_;
  std::thread::id thread_id_;
};

}  // namespace nexus::store
