#include "store/postgres/lane.hpp"

#include <algorithm>

#include "daemon/base/thread.hpp"

#include "store/attempt.hpp"

namespace nexus::store {
namespace {
// How often a lane that has nothing to do looks at its connection, and how soon it tries again to make one.
constexpr std::chrono::milliseconds kLook{1000}, kAgain{200};
// The server keeps track of so many savepoints of a transaction cheaply, and each unit may need one.
constexpr std::size_t kUnitsMax = 64;

Result unreachable() {
  return failed(Outcome::not_applied,
                Error(Failure::unreachable, "postgres: the daemon stops, and no server is there"));
}

}  // namespace

Lane::Lane(LaneOptions options, OnCommit committed)
    : options_(std::move(options)), committed_(std::move(committed)), queue_(options_.limits) {
  batch_.reserve(std::min(options_.limits.batch_units, kUnitsMax));
  connect();
  thread_ = std::thread([this] {
    name_thread("lane");
    loop();
  });
  thread_id_ = thread_.get_id();
}

Lane::~Lane() {
  close();
  join();
}

bool Lane::push(Work& work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !queue_.push(work)) return false;
  }
  wake_.notify_one();
  return true;
}

void Lane::close() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

void Lane::join() {
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

WriterStats Lane::stats() const {
  const std::lock_guard lock(mutex_);
  WriterStats stats = stats_;
  stats.queue_units = queue_.size();
  return stats;
}

void Lane::loop() {
  while (wait_for_work()) {
    run_batch();
    answer();
  }
}

/// A daemon that stops does not wait for a server once for each group.
bool Lane::ends_without_server() const {
  const std::lock_guard lock(mutex_);
  return stopping_ && !is_connected_;
}

void Lane::run_batch() {
  commit_time_ = commit_time_.zero();
  try {
    take_batch();
    ends_without_server() ? settle(unreachable()) : run_group_until_settled();
  } catch (const std::bad_alloc&) {
    on_.drop();  // its transaction ends with it
    settle(failed(Outcome::not_applied, Error(Failure::no_memory, "out of memory")));
  } catch (const std::exception& fault) {
    on_.drop();
    settle(failed(Outcome::not_applied, Error(Failure::other, fault.what())));
  }
}

// Returns false when no more will come.
bool Lane::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto has_work = [this] { return stopping_ || !queue_.empty(); };
  while (!wake_.wait_for(lock, is_connected_ ? kLook : kAgain, has_work)) {
    lock.unlock();
    look_at_connection();
    lock.lock();
  }
  return !queue_.empty();
}

void Lane::connect() {
  if (!on_.is_alive()) {
    is_connected_ = false;
    if (options_.kept != nullptr) options_.kept->set_apart();
    if (options_.watch != nullptr) options_.watch->lose();
  }
  on_.connect(options_.link);
  is_connected_ = true;
}

/// While there is nothing to do.
void Lane::look_at_connection() noexcept {
  try {
    connect();
  } catch (const std::exception&) {
    is_connected_ = false;  // tried again
  }
}

/// As many as waited when the group began: it does not grow while others come.
void Lane::take_batch() {
  const std::lock_guard lock(mutex_);
  const std::size_t units = std::min(batch_.capacity(), queue_.size());
  for (std::size_t bytes = 0; batch_.size() < units && bytes < options_.limits.batch_bytes;) {
    batch_.push_back(std::move(*queue_.pop()));
    bytes += batch_.back().work.bytes;
  }
}

void Lane::settle(const Result& result) {
  for (Item& item : batch_)
    if (item.result.outcome == Outcome::applied) item.result = result;
}

void Lane::answer() noexcept {
  is_connected_ = on_ && !on_->link.lost();
  {
    const std::lock_guard lock(mutex_);
    ++stats_.batches;
    stats_.commit_micros += static_cast<std::uint64_t>(commit_time_.count());
    // A connection that was made during the group counts from 0.
    if (on_)
      stats_.round_trips +=
          static_cast<std::uint64_t>(std::max<std::int64_t>(0, on_->link.round_trips() - round_trips_before_));
    count_results(stats_, batch_);
  }
  answer_group(batch_);
  batch_.clear();
}

}  // namespace nexus::store
