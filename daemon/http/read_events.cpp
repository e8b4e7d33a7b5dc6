#include "daemon/http/read_events.hpp"

#include "daemon/limits.hpp"
#include "daemon/log.hpp"

namespace nexus::http {
namespace {

constexpr std::size_t kBatch = 64;  // few enough that no mutation waits noticeably

}  // namespace

ReadEvents::ReadEvents(store::Database& database, std::function<bool()> disk_is_low,
                       std::function<void(std::size_t)> dropped)
    : database_(database), disk_is_low_(std::move(disk_is_low)), dropped_(std::move(dropped)) {}

void ReadEvents::record(const Caller& caller, std::string_view surface, std::vector<audit::Activity> events) {
  if (events.empty()) return;
  if (disk_is_low_()) return dropped_(events.size());
  for (auto& activity : events) activity = audit::prepared(std::move(activity));
  const std::lock_guard lock(mutex_);
  std::size_t lost = 0;
  for (auto& activity : events) {
    if (waiting_.size() + handed_ < limits::read_event_queue_max)
      waiting_.push_back({caller, std::string(surface), std::move(activity), now_micros()});
    else
      ++lost;
  }
  if (lost > 0) dropped_(lost);
  if (units_ == 0) submit_batch();
}

void ReadEvents::retry() {
  const std::lock_guard lock(mutex_);
  if (units_ == 0) submit_batch();
}

void ReadEvents::flush() {
  const std::lock_guard lock(mutex_);
  while (submit_batch()) {
  }
}

/// False when nothing waits or the writer takes nothing; all events then stay.
bool ReadEvents::submit_batch() {
  if (waiting_.empty()) return false;
  const std::size_t count = std::min(kBatch, waiting_.size());
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  const auto batch = std::make_shared<Batch>(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  const bool taken = database_.writer().submit(
      [batch](store::Tx& tx) {
        for (const PendingEvent& event : *batch)
          audit::write_event(tx, event.caller, event.surface, event.activity, event.at);
      },
      [this, count](const store::Result& result) { settle(count, result); });
  if (!taken) {
    std::move(batch->begin(), batch->end(), waiting_.begin());
    return false;
  }
  waiting_.erase(waiting_.begin(), end);
  ++units_;
  handed_ += count;
  return true;
}

void ReadEvents::settle(std::size_t count, const store::Result& result) {
  if (result.outcome != store::Outcome::applied) {
    dropped_(count);
    log::warn("events of reads were dropped: the store could not take them", {{"count", std::to_string(count)}});
  }
  const std::lock_guard lock(mutex_);
  --units_;
  handed_ -= count;
  if (units_ == 0) submit_batch();
}

}  // namespace nexus::http
