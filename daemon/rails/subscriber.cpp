#include "daemon/rails/subscriber.hpp"

#include <utility>

#include "daemon/limits.hpp"
#include "daemon/rails/limits.hpp"

namespace nexus::rails {

void Subscriber::push(const FramePtr& frame) {
  std::function<void()> ready;
  {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    if (queue_.size() >= limits::subscriber_queue_events_max ||
        bytes_ + frame->text.size() > limits::subscriber_queue_bytes_max) {
      end_ = End::too_slow;
      std::exchange(queue_, {});
      bytes_ = 0;
    } else {
      queue_.push_back(frame);
      bytes_ += frame->text.size();
    }
    ready = std::exchange(ready_, nullptr);
  }
  if (ready) ready();
}

void Subscriber::end(End reason) {
  std::function<void()> ready;
  {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    end_ = reason;
    std::exchange(queue_, {});
    bytes_ = 0;
    ready = std::exchange(ready_, nullptr);
  }
  if (ready) ready();
}

void Subscriber::wake() {
  std::function<void()> ready;
  {
    const std::lock_guard lock(mutex_);
    ready = std::exchange(ready_, nullptr);
    woken_ = !ready;
  }
  if (ready) ready();
}

std::vector<FramePtr> Subscriber::take() {
  const std::lock_guard lock(mutex_);
  bytes_ = 0;
  return std::exchange(queue_, {});
}

std::optional<End> Subscriber::ended() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

void Subscriber::wait(std::function<void()> ready) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty() && !end_ && !woken_) {
      ready_ = std::move(ready);
      return;
    }
    woken_ = false;
  }
  ready();
}

void Subscriber::stop_waiting() {
  const std::lock_guard lock(mutex_);
  ready_ = nullptr;
}

}  // namespace nexus::rails
