#include "store/sqlite/writer.hpp"

#include <future>
#include <new>

namespace nexus::store {
namespace {
using Clock = std::chrono::steady_clock;

std::chrono::microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}
}  // namespace

Writer::Writer(Connection& connection, Fatal on_fatal, WriterLimits limits, WalLimits wal)
    : connection_(connection),
      control_(connection),
      tx_(connection, true),
      wal_(connection, wal),
      on_fatal_(std::move(on_fatal)),
      limits_(limits) {
  stats_.wal = wal_.stats();
  thread_ = std::thread([this] { loop(); });
  thread_id_ = thread_.get_id();
}

Writer::~Writer() { stop(); }

bool Writer::submit(Unit unit, Done done, Priority priority) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || stats_.fatal || halt_) return false;
    const bool is_high = priority == Priority::high;
    auto& queue = is_high ? high_ : normal_;
    if (queue.size() >= (is_high ? limits_.queue_units_high : limits_.queue_units)) return false;
    queue.push_back({std::move(unit), std::move(done), {}});
  }
  wake_.notify_one();
  return true;
}

Result Writer::run(Unit unit) {
  if (std::this_thread::get_id() == thread_id_) throw std::logic_error("Writer::run on the writer's own thread");
  auto promise = std::make_shared<std::promise<Result>>();
  auto future = promise->get_future();
  if (!submit(std::move(unit), [promise](const Result& result) { promise->set_value(result); })) {
    return {Outcome::not_applied, Failure::busy,
            std::make_exception_ptr(std::runtime_error("the writer's queue is full or closed"))};
  }
  return future.get();
}

void Writer::apply(Unit unit) {
  const Result result = run(std::move(unit));
  if (result.outcome != Outcome::applied) std::rethrow_exception(result.error);
}

void Writer::on_commit(Committed listener) {
  const std::lock_guard lock(listener_mutex_);
  committed_ = std::move(listener);
}

void Writer::halt(const Error& why) {
  {
    const std::lock_guard lock(mutex_);
    if (!halt_) halt_ = why;
  }
  wake_.notify_one();
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

WriterStats Writer::stats() const {
  const std::lock_guard lock(mutex_);
  WriterStats stats = stats_;
  stats.queue_units = high_.size() + normal_.size();
  return stats;
}

void Writer::loop() {
  while (take_batch()) run_batch();
  const auto why = halted();
  if (!why) return;
  wal_.empty();
  stop_writing(*why);
}

std::optional<Error> Writer::halted() const {
  const std::lock_guard lock(mutex_);
  return stats_.fatal ? std::nullopt : halt_;
}

// Waits for work. Returns false when no more will come.
bool Writer::take_batch() {
  std::unique_lock lock(mutex_);
  wait_for_work(lock);
  if (stats_.fatal || halt_) return false;
  // The rest of the last batch comes first, except that high units pass all others.
  batch_.insert(batch_.begin(), std::make_move_iterator(high_.begin()), std::make_move_iterator(high_.end()));
  high_.clear();
  while (!normal_.empty() && batch_.size() < limits_.batch_units) {
    batch_.push_back(std::move(normal_.front()));
    normal_.pop_front();
  }
  return !batch_.empty();
}

void Writer::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto has_work = [this] {
    return stopping_ || stats_.fatal || halt_ || !batch_.empty() || !high_.empty() || !normal_.empty();
  };
  while (!wal_.is_empty()) {
    if (wake_.wait_for(lock, wal_.idle(), has_work)) return;
    lock.unlock();
    wal_.when_idle();
    lock.lock();
    stats_.wal = wal_.stats();
  }
  wake_.wait(lock, has_work);
}

void Writer::run_batch() {
  commit_time_ = {};
  if (!wal_.has_room()) {
    settle(batch_.size(), Outcome::not_applied, Error(kBusyCode, "the write-ahead log is full: a reader holds it"));
    return answer(batch_.size());
  }
  try {
    control_.run("BEGIN IMMEDIATE");
  } catch (const Error& error) {
    settle(batch_.size(), Outcome::not_applied, error);
    return answer(batch_.size());
  }
  const std::size_t count = run_items();
  if (connection_.in_transaction()) {
    commit(count);
    tell_committed();
  } else {
    settle_lost_transaction(count);
    tx_.take_touched();
  }
  answer(count);
  if (in_doubt_) {
    stop_writing(*in_doubt_);
  } else {
    wal_.after_commit();
  }
}

// Runs items from the front until the batch or its time is used up, or the transaction is gone. Returns their number.
std::size_t Writer::run_items() {
  const auto start = Clock::now();
  std::size_t count = 0;
  do {
    run_item(batch_[count++]);
  } while (count < batch_.size() && connection_.in_transaction() && since(start) < limits_.batch_time);
  return count;
}

void Writer::run_item(Item& item) {
  try {
    control_.run("SAVEPOINT unit");
    item.unit(tx_);
    control_.run("RELEASE unit");
    return;
  } catch (const Error& error) {
    const bool own_fault = error.failure == Failure::constraint;
    item.result = {own_fault ? Outcome::refused : Outcome::not_applied, error.failure, std::current_exception()};
  } catch (const std::bad_alloc&) {
    item.result = {Outcome::not_applied, Failure::no_memory, std::current_exception()};
  } catch (...) {
    item.result = {Outcome::refused, Failure::none, std::current_exception()};
  }
  undo_item();
}

// When even the rollback to the savepoint fails, rolls the whole transaction back, so that no unit is kept half-done.
void Writer::undo_item() noexcept {
  if (!connection_.in_transaction()) return;
  try {
    control_.run("ROLLBACK TO unit");
    control_.run("RELEASE unit");
  } catch (...) {
    connection_.rollback();
  }
}

void Writer::commit(std::size_t count) {
  const auto start = Clock::now();
  try {
    control_.run("COMMIT");
  } catch (const Error& error) {
    settle_failed_commit(error, count);
  }
  commit_time_ = since(start);
}

// A listener called without a change, for example after a failed COMMIT, finds nothing new.
void Writer::tell_committed() {
  const auto touched = tx_.take_touched();
  const std::lock_guard lock(listener_mutex_);
  if (committed_ && !touched.empty()) committed_(touched);
}

// SQLite keeps the transaction open when the COMMIT did not even begin to write (busy, a deferred constraint). FULL
// comes from a write that did not fit, so the commit's last frame is incomplete and recovery ignores it. After any
// other error (a failed sync, a failure between the sync and the index of the log) the frames may be complete on the
// disk, and a restart would apply them. The outcome is unknown then.
void Writer::settle_failed_commit(const Error& error, std::size_t count) {
  const bool not_begun = connection_.in_transaction();
  connection_.rollback();
  if (not_begun || error.failure == Failure::full) return settle(count, Outcome::not_applied, error);
  settle(count, Outcome::unknown, error);
  in_doubt_ = error;
}

void Writer::settle_lost_transaction(std::size_t count) {
  const Result& last = batch_[count - 1].result;
  const Failure failure = last.failure == Failure::none ? Failure::other : last.failure;
  const Result lost{Outcome::not_applied, failure, last.error};
  for (std::size_t i = 0; i < count; ++i) {
    if (batch_[i].result.outcome == Outcome::applied) batch_[i].result = lost;
  }
}

// Refused units stay refused: the transaction contained nothing of theirs.
void Writer::settle(std::size_t count, Outcome outcome, const Error& error) {
  const auto pointer = std::make_exception_ptr(error);
  for (std::size_t i = 0; i < count; ++i) {
    if (batch_[i].result.outcome == Outcome::applied) batch_[i].result = {outcome, error.failure, pointer};
  }
}

void Writer::answer(std::size_t count) noexcept {
  count_batch(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Item item = std::move(batch_.front());
    batch_.pop_front();
    item.done(item.result);
  }
}

void Writer::count_batch(std::size_t count) {
  const std::lock_guard lock(mutex_);
  ++stats_.batches;
  stats_.commit_micros += static_cast<std::uint64_t>(commit_time_.count());
  stats_.wal = wal_.stats();
  std::uint64_t* const counters[] = {&stats_.applied, &stats_.refused, &stats_.not_applied, &stats_.unknown};
  for (std::size_t i = 0; i < count; ++i) ++*counters[static_cast<std::size_t>(batch_[i].result.outcome)];
}

// The waiting units never ran, so not_applied is true of them.
void Writer::stop_writing(const Error& error) {
  wal_.keep_for_recovery();
  {
    const std::lock_guard lock(mutex_);
    stats_.fatal = true;
    for (auto* queue : {&high_, &normal_}) {
      batch_.insert(batch_.end(), std::make_move_iterator(queue->begin()), std::make_move_iterator(queue->end()));
      queue->clear();
    }
  }
  settle(batch_.size(), Outcome::not_applied, error);
  answer(batch_.size());
  if (on_fatal_) on_fatal_(error);
}

}  // namespace nexus::store
