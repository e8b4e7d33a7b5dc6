// The queue of frames between the hub and one stream, bounded in events and bytes. When it overflows, the stream is too
// slow and ends; the hub never waits.
//
// Threads: push and end run on any thread, take and wait on the stream's own.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daemon/rails/close_reason.hpp"
#include "daemon/rails/stream_event.hpp"

namespace nexus::rails {

class Subscriber {
 public:
  /// Queues the frame, or ends the stream as too slow. Queues nothing for a stream that has ended.
  void push(const FramePtr& frame);
  /// Ends the stream and drops its queue. The first reason counts.
  void end(End reason);
  /// Wakes the waiting stream though nothing is queued: a heartbeat is due, or the connection is gone.
  void wake();

  /// Takes all queued frames.
  std::vector<FramePtr> take();
  std::optional<End> ended() const;
  /// Calls `ready` once: immediately if there is something to take or an end to report, else from the thread that
  /// brings it. `ready` must only hand over to the stream's own thread. A second call replaces the first.
  void wait(std::function<void()> ready);
  /// Drops the callback of `wait`.
  void stop_waiting();

 private:
  /// Changes what the stream waits for, and calls `ready`. Does nothing to a stream that has ended.
  template <class Change>
  void wake_after(Change change);
  void close(End reason);

  mutable std::mutex mutex_;
  std::vector<FramePtr> queue_;
  std::size_t bytes_ = 0;
  std::optional<End> end_;
  bool woken_ = false;
  std::function<void()> ready_;
};
using SubscriberPtr = std::shared_ptr<Subscriber>;

}  // namespace nexus::rails
