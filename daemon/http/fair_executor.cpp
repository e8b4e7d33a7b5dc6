#include "daemon/http/fair_executor.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <new>
#include <utility>

#include "daemon/base/insist.hpp"
#include "daemon/log.hpp"

namespace nexus::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Runs the task and releases what it holds. Returns how long that took, in nanoseconds. Throws nothing, even where
/// memory is short: its line would count the task as running for ever.
std::int64_t run_timed(FairExecutor::Task task) noexcept {
  const auto begun = SteadyClock::now();
  try {
    task();
  } catch (const std::exception& error) {
    try {
      log::error("work in the background failed", {{"cause", error.what()}});
    } catch (const std::bad_alloc&) {
      log::error("work in the background failed");
    }
  }
  task = nullptr;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(SteadyClock::now() - begun).count();
}

}  // namespace

bool FairExecutor::try_run(std::string_view line, Task task, std::size_t bytes) {
  std::unique_lock lock(mutex_);
  if (!takes(line, bytes)) return false;
  start(line, std::move(task), bytes, std::move(lock));
  return true;
}

void FairExecutor::run(std::string_view line, Task task) { start(line, std::move(task), 0, std::unique_lock(mutex_)); }

bool FairExecutor::has_room(std::string_view line) const {
  const std::lock_guard lock(mutex_);
  return takes(line, 0);
}

FairExecutor::Load FairExecutor::load() const {
  const std::lock_guard lock(mutex_);
  return {waiting_.size(), workers_, bounds_.width};
}

bool FairExecutor::takes(std::string_view line, std::size_t bytes) const {
  constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
  return waiting_.has_room(line, bytes, bounds_.waiting, {any, any});
}

/// A task that may go never waits while the lane has a free place: it gets a worker here, and a worker ends only when
/// nothing that waits may go.
void FairExecutor::start(std::string_view line, Task task, std::size_t bytes, std::unique_lock<std::mutex> lock) {
  waiting_.push(line, std::move(task), bytes);
  if (workers_ == bounds_.width || !may_go(line)) return;
  ++workers_;
  lock.unlock();
  insist([this] { pool_([this] { work(); }); });
}

bool FairExecutor::may_go(std::string_view line) const {
  const auto found = running_.find(line);
  return found == running_.end() || found->second < std::max<std::size_t>(1, bounds_.width / 2);
}

void FairExecutor::work() {
  bool more = true;
  insist([&] {
    while (more) more = work_once();
  });
}

/// Runs the next task that may go; false when there is none, and this worker has ended. Where memory is short, a task
/// may be dropped; its promise of an answer then says so.
bool FairExecutor::work_once() {
  std::unique_lock lock(mutex_);
  auto next = waiting_.pop_where([this](std::string_view line) { return may_go(line); });
  if (!next) {
    --workers_;
    return false;
  }
  auto& [line, task] = *next;
  ++running_[line];
  lock.unlock();
  const std::int64_t took = run_timed(std::move(task));
  lock.lock();
  const auto running = running_.find(line);
  if (--running->second == 0) running_.erase(running);
  waiting_.charge(line, took);
  return true;
}

}  // namespace nexus::http
