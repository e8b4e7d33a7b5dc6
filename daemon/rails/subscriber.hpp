// The queue between the hub and one stream: what is owed and not yet taken, bounded in events and bytes. Whoever owes
// more is too slow, and ends: nobody is waited for.
//
// Threads: push and end from any thread; take and wait from the stream's own.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daemon/rails/close_reason.hpp"
#include "daemon/rails/frame.hpp"

namespace nexus::rails {

class Subscriber {
 public:
  /// Queues the frame, or ends the stream as too slow. Nothing is queued for a stream that ends.
  void push(const FramePtr& frame);
  /// The first reason counts; what was queued is forgotten.
  void end(End reason);
  /// Wakes whoever waits, though nothing is queued: a heartbeat is due, or the connection is gone.
  void wake();

  /// Takes all that is queued.
  std::vector<FramePtr> take();
  std::optional<End> ended() const;
  /// Calls `ready` once: at once when there is something to take or to say, else from the thread that brings it. It
  /// must do no more than hand over to the stream's own thread. A second call replaces the first.
  void wait(std::function<void()> ready);
  /// Nobody is called any more.
  void stop_waiting();

 private:
  mutable std::mutex mutex_;
  std::vector<FramePtr> queue_;
  std::size_t bytes_ = 0;
  std::optional<End> end_;
  bool woken_ = false;
  std::function<void()> ready_;
};
using SubscriberPtr = std::shared_ptr<Subscriber>;

}  // namespace nexus::rails
