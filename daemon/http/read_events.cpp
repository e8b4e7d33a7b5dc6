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
  const std::string& tenant = caller.tenant().str();
  for (auto& activity : events) {
    if (has_room(tenant))
      waiting_.push(tenant, {caller, std::string(surface), std::move(activity), now_micros()});
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

/// Whether the tenant has less waiting than is free.
bool ReadEvents::has_room(std::string_view tenant) const {
  const std::size_t all = waiting_.size() + (next_ ? next_->size() : 0) + handed_;
  return waiting_.load_of(tenant).entries + all < limits::read_event_queue_max;
}

/// Takes the next events of the tenant whose turn it is. Where memory is short, those that it took stay in `next_`.
void ReadEvents::take_batch() {
  if (!next_) next_ = std::make_shared<Batch>();
  if (!next_->empty()) return;
  next_->reserve(kBatch);
  std::string tenant;
  while (next_->size() < kBatch) {
    auto event = waiting_.pop_where([&](std::string_view line) { return next_->empty() || line == tenant; });
    if (!event) break;
    tenant = std::move(event->first);
    next_->push_back(std::move(event->second));
  }
  if (!next_->empty()) waiting_.charge(tenant, static_cast<std::int64_t>(next_->size()));
}

/// False when nothing waits or the writer takes nothing; all events then stay.
bool ReadEvents::submit_batch() {
  if (waiting_.empty() && !next_) return false;
  take_batch();
  const std::size_t count = next_->size();
  if (count == 0) return false;
  store::Realms realms;
  for (const PendingEvent& event : *next_)
    if (const Realm realm = event.caller.realm(); !realms.has(realm)) realms.add(realm);
  const bool taken =
      database_.writer().submit({.unit =
                                     [batch = next_](store::Tx& tx) {
                                       for (const PendingEvent& event : *batch)
                                         audit::write_event(tx, event.caller, event.surface, event.activity, event.at);
                                     },
                                 .done = [this, count](const store::Result& result) { settle(count, result); },
                                 .realms = realms.charged_to("")});
  if (!taken) return false;
  next_.reset();
  ++units_;
  handed_ += count;
  return true;
}

void ReadEvents::settle(std::size_t count, const store::Result& result) {
  if (result.outcome != store::Outcome::applied) {
    dropped_(count);
    log::warn("events of reads were dropped: the store could not take them", {{"count", count}});
  }
  const std::lock_guard lock(mutex_);
  --units_;
  handed_ -= count;
  if (units_ == 0) submit_batch();
}

}  // namespace nexus::http
