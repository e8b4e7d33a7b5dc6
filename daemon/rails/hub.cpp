#include "daemon/rails/hub.hpp"

#include <algorithm>

namespace nexus::rails {
namespace {

std::string key(Realm realm, std::string_view kind, std::string_view name) {
  std::string out;
  out.reserve(realm.tenant.size() + realm.env.size() + kind.size() + name.size() + 3);
  out.append(realm.tenant).append(1, '\n').append(realm.env).append(1, '\n').append(kind).append(1, '\n').append(name);
  return out;
}

}  // namespace

std::string thread_topic(Realm realm, std::string_view thread_id) { return key(realm, "thread", thread_id); }

std::string thread_topic(const ThreadAddress& address) { return thread_topic(address.realm(), address.thread.str()); }

std::string activity_topic(Realm realm, std::string_view event_type) { return key(realm, "activity", event_type); }

std::string audit_topic(Realm realm) { return key(realm, "audit", ""); }

template <class Change>
void Hub::with_topic(const std::string& topic, Change change) {
  const std::lock_guard lock(mutex_);
  auto& slot = topics_[topic];
  if (!slot) slot = std::make_shared<Topic>();
  const std::shared_ptr<Topic> held = slot;
  const std::lock_guard guard(held->mutex);
  change(*held);
  if (held->subscribers.empty() && held->present.empty()) topics_.erase(topic);
}

std::size_t Hub::fan_out(Topic& topic, const FramePtr& frame, const Subscriber* except) {
  std::size_t reached = 0;
  for (const auto& subscriber : topic.subscribers) {
    if (subscriber.get() == except) continue;
    subscriber->push(frame);
    ++reached;
  }
  return reached;
}

std::shared_ptr<Hub::Topic> Hub::find(const std::string& topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : found->second;
}

void Hub::subscribe(const std::string& topic, SubscriberPtr subscriber) {
  with_topic(topic, [&](Topic& entry) { entry.subscribers.push_back(std::move(subscriber)); });
}

void Hub::unsubscribe(const std::string& topic, const SubscriberPtr& subscriber) {
  with_topic(topic, [&](Topic& entry) {
    const auto found = std::ranges::find(entry.subscribers, subscriber);
    if (found == entry.subscribers.end()) return;
    std::swap(*found, entry.subscribers.back());
    entry.subscribers.pop_back();
  });
}

std::size_t Hub::publish(const std::string& topic, const FramePtr& frame, const Subscriber* except) {
  const auto entry = find(topic);
  if (!entry) return 0;
  const std::lock_guard lock(entry->mutex);
  return fan_out(*entry, frame, except);
}

bool Hub::has_subscribers(const std::string& topic) const {
  const auto entry = find(topic);
  if (!entry) return false;
  const std::lock_guard lock(entry->mutex);
  return !entry->subscribers.empty();
}

// Presence frames are sent under the topic's lock: otherwise a leave and an arrival could be reported in the wrong
// order.
void Hub::arrive(const std::string& topic, const std::string& user_id, const FramePtr& frame,
                 const Subscriber* except) {
  with_topic(topic, [&](Topic& entry) {
    if (++entry.present[user_id] == 1) fan_out(entry, frame, except);
  });
}

void Hub::leave(const std::string& topic, const std::string& user_id, const FramePtr& frame) {
  with_topic(topic, [&](Topic& entry) {
    const auto found = entry.present.find(user_id);
    if (found == entry.present.end() || --found->second > 0) return;
    entry.present.erase(found);
    fan_out(entry, frame, nullptr);
  });
}

std::vector<std::string> Hub::present(const std::string& topic) const {
  std::vector<std::string> users;
  const auto entry = find(topic);
  if (!entry) return users;
  const std::lock_guard lock(entry->mutex);
  for (const auto& [user, count] : entry->present) users.push_back(user);
  return users;
}

}  // namespace nexus::rails
