#include "store/sqlite/writer.hpp"

#include <new>

#include "daemon/base/insist.hpp"
#include "daemon/base/thread.hpp"

namespace nexus::store {
namespace {
using Clock = std::chrono::steady_clock;

std::chrono::microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

}  // namespace

SqliteWriter::SqliteWriter(Connection& connection, Fatal on_fatal, WriterLimits limits, WalLimits wal, Readers* readers)
    : connection_(connection),
      tables_(connection),
      heads_(tables_),
      units_(connection, &heads_),
      control_(connection),
      tx_(units_, &heads_),
      wal_(connection, wal, readers),
      on_fatal_(std::move(on_fatal)),
      limits_(std::move(limits)),
      no_memory_(failed(Outcome::not_applied, Error(Failure::no_memory, "out of memory"))),
      queue_(limits_) {
  log_ = wal_.stats();
  batch_.reserve(limits_.batch_units);
  thread_ = std::thread([this] {
    name_thread("writer");
    loop();
  });
  thread_id_ = thread_.get_id();
}

SqliteWriter::~SqliteWriter() { stop(); }

bool SqliteWriter::submit(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || stats_.fatal || halt_ || !queue_.push(work)) return false;
  }
  wake_.notify_one();
  return true;
}

void SqliteWriter::on_commit(Committed listener) {
  const std::lock_guard lock(listener_mutex_);
  committed_ = std::move(listener);
}

bool SqliteWriter::begin_chore(Chore chore) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || stats_.fatal || halt_ || !chores_.begin(std::move(chore))) return false;
  }
  wake_.notify_one();
  return true;
}

void SqliteWriter::halt(const Error& why) {
  {
    const std::lock_guard lock(mutex_);
    if (!halt_) halt_ = why;
  }
  wake_.notify_one();
}

void SqliteWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

WriterStats SqliteWriter::stats() const {
  const std::lock_guard lock(mutex_);
  WriterStats stats = stats_;
  stats.queue_units = queue_.size();
  return stats;
}

WalStats SqliteWriter::log_stats() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

void SqliteWriter::loop() {
  while (wait_for_work()) {
    try {
      run_batch();
    } catch (const std::bad_alloc&) {
      give_up_batch();
    }
    if (chores_.any()) chores_.take_turn(connection_);
  }
  chores_.drop();
  std::optional<Error> why;
  {
    const std::lock_guard lock(mutex_);
    if (!stats_.fatal) why = halt_;
  }
  if (!why) return;
  wal_.empty();
  stop_writing(*why);
}

// Nothing is committed while memory is too short for the group's own books: its units were not applied. Where it was
// too short even to begin, the next unit is given up, so that each is answered, and none waits for memory.
void SqliteWriter::give_up_batch() {
  connection_.rollback();
  heads_.forget();
  tx_.take_touched();
  tx_.take_left();
  left_.clear();
  if (batch_.empty()) take_item();
  settle(no_memory_);
  answer();
}

// Returns false when no more will come.
bool SqliteWriter::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto has_work = [this] { return stopping_ || stats_.fatal || halt_ || !queue_.empty(); };
  const auto wakes = [&] { return has_work() || chores_.any(); };
  for (;;) {
    const bool woken = wake_.wait_for(lock, wal_.idle(), wakes);
    if (has_work()) break;
    lock.unlock();
    woken ? chores_.take_turn(connection_) : wal_.when_idle();
    lock.lock();
    log_ = wal_.stats();
  }
  return !stats_.fatal && !halt_ && !queue_.empty();
}

// Takes the next unit into the batch, if that has room: high ones first; of these and of the others, that of the tenant
// that used the least. Needs no memory. After a halt nothing is taken, except to be told of the end (stop_writing).
bool SqliteWriter::take_item() noexcept {
  const std::lock_guard lock(mutex_);
  if ((halt_ && !stats_.fatal) || batch_.size() == batch_.capacity()) return false;
  auto item = queue_.pop();
  if (item) batch_.push_back(std::move(*item));
  return item.has_value();
}

void SqliteWriter::run_batch() {
  commit_time_ = commit_time_.zero();
  reruns_ = 0;
  lost_ = Result{};
  if (!wal_.has_room()) {
    while (take_item()) {
    }
    settle(failed(Outcome::not_applied, Error(Failure::busy, "the write-ahead log is full: a reader holds it")));
    return answer();
  }
  try {
    control_.run("BEGIN IMMEDIATE");
  } catch (const Error& error) {
    take_item();
    settle(failed(Outcome::not_applied, error));
    return answer();
  }
  run_items();
  end_group();
  const bool commits = connection_.in_transaction();
  if (commits) commit();
  // A listener called without a change, for example after a failed COMMIT, finds nothing new.
  const auto touched = tx_.take_touched();
  if (commits && !touched.empty()) {
    const std::lock_guard lock(listener_mutex_);
    if (committed_) insist([&] { committed_(touched); });
  }
  answer();
  if (in_doubt_) {
    stop_writing(*in_doubt_);
  } else {
    wal_.after_commit();
  }
}

void SqliteWriter::commit() {
  const auto start = Clock::now();
  bool begun = false;
  try {
    heads_.write();
    begun = true;
    control_.run("COMMIT");
    heads_.keep();
  } catch (const Error& error) {
    settle_failed_commit(error, begun);
  } catch (const std::bad_alloc&) {
    // Not even the error of a failed sync fits in memory, and after one nothing may be written: only a restart shows.
    if (begun && !connection_.in_transaction()) std::terminate();
    throw;
  }
  commit_time_ = since(start);
}

// SQLite keeps the transaction open when the COMMIT did not even begin to write (busy, a deferred constraint). FULL
// comes from a write that did not fit, so the commit's last frame is incomplete and recovery ignores it. After any
// other error (a failed sync, a failure between the sync and the index of the log) the frames may be complete on the
// disk, and a restart would apply them. The outcome is unknown then.
void SqliteWriter::settle_failed_commit(const Error& error, bool begun) {
  const bool not_begun = !begun || connection_.in_transaction();
  connection_.rollback();
  heads_.forget();
  if (not_begun || error.failure == Failure::full) return settle(failed(Outcome::not_applied, error));
  settle(failed(Outcome::unknown, error));
  in_doubt_ = error;
}

// Refused units stay refused: the transaction contained nothing of theirs.
void SqliteWriter::settle(const Result& result) {
  for (Item& item : batch_)
    if (item.result.outcome == Outcome::applied) item.result = result;
}

void SqliteWriter::answer() noexcept {
  {
    const std::lock_guard lock(mutex_);
    ++stats_.batches;
    stats_.commit_micros += static_cast<std::uint64_t>(commit_time_.count());
    log_ = wal_.stats();
    count_results(stats_, batch_);
  }
  answer_group(batch_);
  batch_.clear();
}

// The waiting units never ran, so not_applied is true of them.
void SqliteWriter::stop_writing(const Error& error) {
  wal_.keep_for_recovery();
  const Result never_ran = failed(Outcome::not_applied, error);
  {
    const std::lock_guard lock(mutex_);
    stats_.fatal = true;
  }
  while (take_item()) {
    while (take_item()) {
    }
    settle(never_ran);
    answer();
  }
  if (on_fatal_) on_fatal_(error);
}

}  // namespace nexus::store
