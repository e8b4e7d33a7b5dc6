// What the writer's thread does in turns between its groups, one chore at a time: a copy of the database, for example.
#pragma once
#include <functional>
#include <mutex>
#include <utility>

#include "store/sqlite/connection.hpp"

namespace nexus::store {

/// One turn, with the writer's connection. It must take 50 ms at most, so that nobody waits longer, and must leave no
/// transaction open. Returns whether another turn follows. The chore is destroyed on the writer's thread: after its
/// last turn, when it throws, and, without another turn, when the writer stops.
using Chore = std::function<bool(Connection&)>;

class Chores {
 public:
  /// False while another one is under way. Threads: any.
  bool begin(Chore chore) {
    const std::lock_guard lock(mutex_);
    if (busy_) return false;
    busy_ = true;
    next_ = std::move(chore);
    return true;
  }

  // For the writer's thread alone.

  /// Whether one is under way.
  bool any() const {
    const std::lock_guard lock(mutex_);
    return busy_;
  }
  void take_turn(Connection& connection) noexcept {
    try {
      if (!running_) take_next();
      if (running_ && running_(connection)) return;
    } catch (...) {
      connection.rollback();  // whoever waits for the chore learns it as it ends
    }
    drop();
  }
  void drop() noexcept {
    take_next();
    running_ = nullptr;
    const std::lock_guard lock(mutex_);
    busy_ = false;
  }

 private:
  void take_next() noexcept {
    const std::lock_guard lock(mutex_);
    if (next_) running_ = std::exchange(next_, nullptr);
  }

  mutable std::mutex mutex_;
  bool busy_ = false;  // from begin to the chore's end
  Chore next_;
  Chore running_;
};

}  // namespace nexus::store
