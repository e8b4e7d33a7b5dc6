// An executor over the pool that may block, with a bound: it runs at most `width` tasks at a time, and the others wait
// in their order. For reads that compute: however many are requested at once, they leave threads and readers of the
// store to others.
//
// Threads: any. Must outlive the pool.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace nexus::http {

class BoundedExecutor {
 public:
  using Task = std::function<void()>;  // must not throw

  BoundedExecutor(std::function<void(Task)> pool, std::size_t width) : pool_(std::move(pool)), width_(width) {}

  void run(Task task) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(task));
      if (running_ == width_) return;
      ++running_;
    }
    pool_([this] { work(); });
  }

 private:
  void work() {
    while (const Task task = next()) task();
  }
  Task next() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      --running_;
      return {};
    }
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    return task;
  }

  const std::function<void(Task)> pool_;
  const std::size_t width_;
  std::mutex mutex_;
  std::deque<Task> waiting_;
  std::size_t running_ = 0;
};

}  // namespace nexus::http
