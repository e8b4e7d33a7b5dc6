// A lane: an executor over a pool that may block, shared by tenants. It runs at most `width` tasks at once, and at most
// half of them for one tenant, so that a tenant alone never holds the whole lane. What waits stands in a line for each
// tenant, and the tenant that used the least time goes next (daemon/base/fair_queue.hpp): a task is charged with the
// time that it took. A line is named by its tenant, by "user ID" where there is no tenant, and by "" for the daemon's
// own work. So a tenant's task waits for at most one task of each other busy tenant, and for its own.
//
// Refused: a bound on the waiting tasks of all tenants together. Whoever fills it refuses everybody else's. What all
// of them hold is bounded where bodies are received (daemon/http/held_bytes.hpp).
//
// Threads: any. Must outlive the pool.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "daemon/base/fair_queue.hpp"

namespace nexus::http {

class FairExecutor {
 public:
  using Task = std::function<void()>;  // what it throws is only logged
  struct Bounds {
    std::size_t width = 1;
    QueueLoad waiting = {};  // the most of one line that waits: tasks, and the bytes that they hold
  };

  /// `pool` runs a function on one of its threads. It needs `width` threads for this lane.
  FairExecutor(std::function<void(Task)> pool, Bounds bounds) : pool_(std::move(pool)), bounds_(bounds) {}

  /// Takes the task, which holds about so many bytes while it waits, unless as much of its line waits as may: then
  /// returns false, and nothing happened.
  bool try_run(std::string_view line, Task task, std::size_t bytes = 0);
  /// Takes the next step of what has begun, however many tasks wait. Its caller has one step at a time.
  void run(std::string_view line, Task task);
  /// Whether try_run would take a task now.
  bool has_room(std::string_view line) const;

  /// How much it has to do now.
  struct Load {
    std::size_t waiting = 0;  // tasks of all lines
    std::size_t busy = 0;     // threads that run its tasks, at most `width`
    std::size_t width = 0;
  };
  Load load() const;

 private:
  void start(std::string_view line, Task task, std::size_t bytes, std::unique_lock<std::mutex> lock);
  bool may_go(std::string_view line) const;
  bool takes(std::string_view line, std::size_t bytes) const;
  void work();
  bool work_once();

  const std::function<void(Task)> pool_;
  const Bounds bounds_;
  mutable std::mutex mutex_;
  FairQueue<Task> waiting_;
  std::map<std::string, std::size_t, std::less<>> running_;  // tasks of each line that run
  std::size_t workers_ = 0;                                  // threads of the pool that run this lane, or soon will
};

}  // namespace nexus::http
