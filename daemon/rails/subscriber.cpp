#include "daemon/rails/subscriber.hpp"

#include <utility>

#include "daemon/rails/limits.hpp"

namespace nexus::rails {

template <class Change>
void Subscriber::wake_after(Change change) {
  std::function<void()> ready;
  {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    change();
    ready = std::exchange(ready_, nullptr);
  }
  if (ready) ready();
}

/// Call under the mutex.
void Subscriber::close(End reason) {
  end_ = reason;
  std::exchange(queue_, {});
  bytes_ = 0;
}

void Subscriber::push(const FramePtr& frame) {
  wake_after([&] {
    if (queue_.size() >= limits::subscriber_queue_events_max ||
        bytes_ + frame->text.size() > limits::subscriber_queue_bytes_max)
      return close(End::too_slow);
    queue_.push_back(frame);
    bytes_ += frame->text.size();
  });
}

void Subscriber::end(End reason) {
  wake_after([&] { close(reason); });
}

void Subscriber::wake() {
  wake_after([&] { woken_ = !ready_; });
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
