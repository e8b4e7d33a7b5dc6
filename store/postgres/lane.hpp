// One thread of PostgreSQL's writer, with a connection of its own. It takes what waits, locks the realms of all of it,
// runs the units one after the other in one transaction, and answers after COMMIT.
//
// A unit's writes are deferred (session.hpp), so nobody knows which unit's write failed when one does. Then the group
// runs again, each unit with a savepoint and nothing deferred. A line whose unit failed so is doubted for a while
// (store/doubts.hpp): its units run carefully from the start.
//
// A connection that is lost before COMMIT was sent has changed nothing: the group runs once more on a new one. When it
// is lost in a COMMIT, or memory runs out there, the database tells what became of it (outcome.hpp).
//
// Threads: push, stats and is_connected from any thread, join from any but its own.
#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "store/doubts.hpp"
#include "store/postgres/kept_heads.hpp"
#include "store/postgres/lane_connection.hpp"
#include "store/postgres/locks.hpp"
#include "store/postgres/outcome.hpp"
#include "store/writer_queue.hpp"

namespace nexus::store {

struct LaneOptions {
  LinkOptions link;
  WriterLimits limits;  // of this lane
  /// How long the outcome of a lost COMMIT is asked for before it is unknown.
  std::chrono::milliseconds outcome_time = std::chrono::seconds(20);
  KeptHeads* kept = nullptr;  // learns what was committed; must outlive the lane
  bool serves = false;        // its sessions share the service's lock: no command has the database for itself meanwhile
  /// Nothing is written while no commit waits for a standby (Failure::unreplicated). Each group asks before its units
  /// run, and again behind its COMMIT: who empties the names meanwhile lets it go, and nobody knows then who has it.
  bool require_sync = false;
  /// Where this lane keeps what the server says of itself; must outlive it. Null: another lane does.
  ServerWatch* watch = nullptr;

  Standby standby() const { return require_sync ? Standby::demanded : Standby::as_configured; }
};

class Lane {
 public:
  /// After a COMMIT, on the lane's thread, before its units are answered. Must not throw.
  using OnCommit = std::function<void(const std::vector<Place>&)>;

  /// Connects, and starts the thread, which connects again whenever it must. Throws as Link does.
  Lane(LaneOptions options, OnCommit committed);
  /// Stops.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  bool push(Work& work);
  /// Accepts no more units.
  void close();
  /// Waits for the units that wait, and for the end of the thread. After close().
  void join();
  WriterStats stats() const;
  bool is_connected() const { return is_connected_; }
  bool is_own_thread() const { return std::this_thread::get_id() == thread_id_; }

 private:
  using Item = WaitingWork;

  void loop();
  bool wait_for_work();
  void look_at_connection() noexcept;
  void connect();
  void take_batch();
  bool ends_without_server() const;
  void run_batch();
  void run_group_until_settled();
  bool run_group(bool careful);
  void begin_group();
  void ask_ahead();
  bool run_item(std::size_t place, bool careful);
  bool run_left();
  bool commit(bool careful);
  bool send_commit(bool careful, const Proof& proof);
  bool settle_lost_commit(const Proof& proof);
  void settle(const Result& result);
  void answer() noexcept;

  const LaneOptions options_;
  const OnCommit committed_;

  // Used by the lane's thread alone.
  LaneConnection on_{options_.watch, options_.serves};
  std::vector<Item> batch_;
  std::string transaction_;                             // the number of the group's
  std::vector<std::pair<std::size_t, Tx::Left>> left_;  // of the batch, with the place of the unit that left it
  Doubts doubts_;
  std::chrono::microseconds commit_time_{0};
  std::int64_t round_trips_before_ = 0;  // of the link, when the group began
  std::minstd_rand random_{std::random_device{}()};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  WriterQueue queue_;
  bool stopping_ = false;
  WriterStats stats_;
  std::atomic<bool> is_connected_{false};
  std::mutex join_mutex_;
  std::thread thread_;
  std::thread::id thread_id_;
};

}  // namespace nexus::store
