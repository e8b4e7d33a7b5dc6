#include "store/sqlite/writer.hpp"

#include <future>
#include <new>

#include "daemon/base/hand_over.hpp"
#include "daemon/base/insist.hpp"
#include "daemon/base/thread_name.hpp"

namespace nexus::store {
namespace {
using Clock = std::chrono::steady_clock;

std::chrono::microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

/// Whose line the work waits in.
std::string line_of(const Work& work, const WriterLimits& limits) {
  return limits.fair ? work.realms.payer() : std::string();
}

Result failed(Outcome outcome, const Error& error) { return {outcome, error.failure, std::make_exception_ptr(error)}; }

/// What became of `work`: applied, unless it throws.
template <class DoWork>
Result attempt(DoWork work) {
  try {
    work();
    return {};
  } catch (const Error& error) {
    const bool own_fault = error.failure == Failure::constraint;
    return {own_fault ? Outcome::refused : Outcome::not_applied, error.failure, std::current_exception()};
  } catch (const std::bad_alloc&) {
    return {Outcome::not_applied, Failure::no_memory, std::current_exception()};
  } catch (...) {
    return {Outcome::refused, Failure::none, std::current_exception()};
  }
}

/// The same failure, of something that is no unit's own fault.
Result not_applied(const Result& cause) {
  return {Outcome::not_applied, cause.failure == Failure::none ? Failure::other : cause.failure, cause.error};
}
}  // namespace

Writer::Writer(Connection& connection, Fatal on_fatal, WriterLimits limits, WalLimits wal, Readers* readers)
    : connection_(connection),
      heads_(connection),
      control_(connection),
      tx_(connection, true, &heads_),
      wal_(connection, wal, readers),
      on_fatal_(std::move(on_fatal)),
      limits_(std::move(limits)),
      no_memory_(failed(Outcome::not_applied, Error(kNoMemoryCode, "out of memory"))) {
  stats_.wal = wal_.stats();
  thread_ = std::thread([this] {
    name_thread("writer");
    loop();
  });
  thread_id_ = thread_.get_id();
}

Writer::~Writer() { stop(); }

bool Writer::submit(Work work) {
  const std::string line = line_of(work, limits_);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || stats_.fatal || halt_) return false;
    const bool high = work.priority == Priority::high;
    const QueueLoad all{high ? limits_.queue_units_high : limits_.queue_units, limits_.queue_bytes};
    const QueueLoad of_tenant{high ? limits_.queue_units_high_tenant : limits_.queue_units_tenant,
                              limits_.queue_bytes_tenant};
    FairQueue<Item>& queue = high ? high_ : normal_;
    const std::size_t bytes = work.bytes;
    if (!queue.has_room(line, bytes, line.empty() ? all : of_tenant, all)) return false;
    queue.push(line, {std::move(work), {}}, bytes);
  }
  wake_.notify_one();
  return true;
}

Result Writer::run(Unit unit, Realms realms, std::size_t bytes) {
  if (std::this_thread::get_id() == thread_id_) throw std::logic_error("Writer::run on the writer's own thread");
  auto promise = std::make_shared<std::promise<Result>>();
  auto future = promise->get_future();
  if (!submit({.unit = std::move(unit),
               .done = [promise](const Result& result) { promise->set_value(result); },
               .realms = std::move(realms),
               .bytes = bytes})) {
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
  while (wait_for_work()) {
    try {
      run_batch();
    } catch (const std::bad_alloc&) {
      give_up_batch();
    }
  }
  std::optional<Error> why;
  {
    const std::lock_guard lock(mutex_);
    if (!stats_.fatal) why = halt_;
  }
  if (!why) return;
  wal_.empty();
  stop_writing(*why);
}

// Nothing is committed while memory is too short for the group's own books: its units were not applied.
void Writer::give_up_batch() {
  connection_.rollback();
  heads_.forget();
  tx_.take_touched();
  tx_.take_left();
  left_.clear();
  settle(no_memory_);
  answer();
}

// Returns false when no more will come.
bool Writer::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto has_work = [this] { return stopping_ || stats_.fatal || halt_ || !high_.empty() || !normal_.empty(); };
  while (!wake_.wait_for(lock, wal_.idle(), has_work)) {
    lock.unlock();
    wal_.when_idle();
    lock.lock();
    stats_.wal = wal_.stats();
  }
  return !stats_.fatal && !halt_ && !(high_.empty() && normal_.empty());
}

// Takes the next unit into the batch: high ones first; of these and of the others, that of the tenant that used the
// least.
bool Writer::take_item() {
  const std::lock_guard lock(mutex_);
  if (halt_) return false;
  auto item = high_.pop();
  if (!item) item = normal_.pop();
  if (item) batch_.push_back(std::move(*item));
  return item.has_value();
}

void Writer::run_batch() {
  commit_time_ = {};
  batch_.reserve(limits_.batch_units);
  if (!wal_.has_room()) {
    while (batch_.size() < limits_.batch_units && take_item()) {
    }
    settle(failed(Outcome::not_applied, Error(kBusyCode, "the write-ahead log is full: a reader holds it")));
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
  run_left();
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

// Runs as many units as waited when the group began: a group does not grow while others come. It ends earlier when its
// count, bytes or time is used up, or the transaction is gone.
void Writer::run_items() {
  const auto start = limits_.now();
  const std::size_t units = std::min<std::size_t>(limits_.batch_units, stats().queue_units);
  auto before = start;
  std::size_t bytes = 0;
  left_bytes_ = 0;
  while (batch_.size() < units && bytes < limits_.batch_bytes && left_bytes_ < limits_.batch_left_bytes &&
         connection_.in_transaction() && before - start < limits_.batch_time && take_item()) {
    const std::size_t item = batch_.size() - 1;
    const bool runs_twice = limits_.rerun_one_of != 0 && random_() % limits_.rerun_one_of == 0;
    const bool doubted = doubts_.doubt(line_of(batch_[item].work, limits_));
    if (!run_item(item, runs_twice || doubted, runs_twice)) run_group_again();
    bytes += batch_[item].work.bytes;
    charge(batch_[item].work, before);
  }
}

/// Charges the time since `since` to the tenant of the work, and sets `since` to now.
void Writer::charge(const Work& work, Clock::time_point& since) {
  const auto before = std::exchange(since, limits_.now());
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(since - before).count();
  const std::string line = line_of(work, limits_);
  const std::lock_guard lock(mutex_);
  if (work.priority == Priority::high) high_.charge(line, took);
  normal_.charge(line, took);
}

/// Returns false when the unit was not applied and only the rollback of the group can undo it.
bool Writer::run_item(std::size_t place, bool in_savepoint, bool twice) {
  Item& item = batch_[place];
  item.result = attempt([&] {
    tx_.allow(&item.work.realms);
    heads_.begin_unit();
    if (in_savepoint) control_.run("SAVEPOINT unit");
    item.work.unit(tx_);
    if (twice) {
      control_.run("ROLLBACK TO unit");
      heads_.undo_unit();
      tx_.take_left();
      item.work.unit(tx_);
    }
    if (in_savepoint) control_.run("RELEASE unit");
  });
  auto left = tx_.take_left();
  if (item.result.outcome != Outcome::applied) {
    doubts_.raise(line_of(item.work, limits_));
    if (in_savepoint) undo_item();
    return in_savepoint;
  }
  for (auto& each : left) {
    left_bytes_ += each.bytes;
    left_.emplace_back(place, std::move(each));
  }
  return true;
}

// The last unit threw without a savepoint. It stays refused; those before it run again, each in a savepoint. When the
// transaction is gone or cannot begin anew, they are lost with it (run_left).
void Writer::run_group_again() {
  if (!connection_.in_transaction()) return;
  connection_.rollback();
  heads_.forget();
  left_.clear();
  left_bytes_ = 0;
  try {
    control_.run("BEGIN IMMEDIATE");
  } catch (const Error&) {
    return;
  }
  for (std::size_t place = 0; place + 1 < batch_.size() && connection_.in_transaction(); ++place)
    if (batch_[place].result.outcome == Outcome::applied) run_item(place, true);
}

// When even the rollback to the savepoint fails, rolls the whole transaction back, so that no unit is kept half-done.
void Writer::undo_item() noexcept {
  if (!connection_.in_transaction()) return;
  try {
    control_.run("ROLLBACK TO unit");
    heads_.undo_unit();
    control_.run("RELEASE unit");
  } catch (...) {
    connection_.rollback();
  }
}

// Does what the units left to the end. It has no savepoints, so one failure undoes all units of the group.
void Writer::run_left() {
  const auto left = std::exchange(left_, {});
  if (!connection_.in_transaction()) {
    heads_.forget();
    return settle(not_applied(batch_.back().result));
  }
  auto before = limits_.now();
  for (const auto& [item, each] : left) {
    const Work& work = batch_[item].work;
    tx_.allow(&work.realms);
    const Result result = attempt([&] { each.work(tx_); });
    charge(work, before);
    if (result.outcome == Outcome::applied) continue;
    connection_.rollback();
    heads_.forget();
    return settle(not_applied(result));
  }
}

void Writer::commit() {
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
void Writer::settle_failed_commit(const Error& error, bool begun) {
  const bool not_begun = !begun || connection_.in_transaction();
  connection_.rollback();
  heads_.forget();
  if (not_begun || error.failure == Failure::full) return settle(failed(Outcome::not_applied, error));
  settle(failed(Outcome::unknown, error));
  in_doubt_ = error;
}

// Refused units stay refused: the transaction contained nothing of theirs.
void Writer::settle(const Result& result) {
  for (Item& item : batch_)
    if (item.result.outcome == Outcome::applied) item.result = result;
}

void Writer::answer() noexcept {
  {
    const std::lock_guard lock(mutex_);
    ++stats_.batches;
    stats_.commit_micros += static_cast<std::uint64_t>(commit_time_.count());
    stats_.wal = wal_.stats();
    std::uint64_t* const counters[] = {&stats_.applied, &stats_.refused, &stats_.not_applied, &stats_.unknown};
    for (const Item& item : batch_) ++*counters[static_cast<std::size_t>(item.result.outcome)];
  }
  const auto answered = std::exchange(batch_, {});
  const HandOver together;
  for (const Item& item : answered) {
    try {
      item.work.done(item.result);
    } catch (const std::bad_alloc&) {
      // The answer is lost; whoever waits for it learns that when the unit is dropped here.
    }
  }
}

// The waiting units never ran, so not_applied is true of them.
void Writer::stop_writing(const Error& error) {
  wal_.keep_for_recovery();
  {
    const std::lock_guard lock(mutex_);
    stats_.fatal = true;
    for (FairQueue<Item>* queue : {&high_, &normal_})
      while (auto item = queue->pop()) batch_.push_back(std::move(*item));
  }
  settle(failed(Outcome::not_applied, error));
  answer();
  if (on_fatal_) on_fatal_(error);
}

}  // namespace nexus::store
