#include "daemon/rails/feed.hpp"

#include "daemon/log.hpp"
#include "daemon/rails/sources.hpp"

namespace nexus::rails {
namespace {

constexpr std::chrono::milliseconds kPause{100};

std::string key_of(const Place& place) { return place.tenant_id + "\n" + place.env; }

std::size_t index_of(Sequence sequence) { return static_cast<std::size_t>(sequence); }

}  // namespace

Feed::Feed(store::Database& database, Hub& hub, std::string epoch)
    : database_(database), hub_(hub), epoch_(std::move(epoch)), thread_([this] { loop(); }) {}

Feed::~Feed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Feed::mark_dirty(Group& group) {
  if (std::exchange(group.dirty, true)) return;
  dirty_.push_back(key_of(group.place));
  wake_.notify_one();
}

void Feed::changed(const std::vector<Place>& places) {
  const std::lock_guard lock(mutex_);
  if (groups_.empty()) return;
  for (const auto& place : places)
    if (const auto found = groups_.find(key_of(place)); found != groups_.end()) mark_dirty(found->second);
}

void Feed::listen(const Place& place, Sequence sequence) {
  const std::lock_guard lock(mutex_);
  Group& group = groups_[key_of(place)];
  group.place = place;
  ++group.follows[index_of(sequence)].listeners;
}

void Feed::start(const Place& place, Sequence sequence, std::int64_t head) {
  const std::lock_guard lock(mutex_);
  Group& group = groups_.at(key_of(place));
  Follow& follow = group.follows[index_of(sequence)];
  if (follow.published) return;
  follow.published = head;
  mark_dirty(group);  // `changed` ignored what was committed since `head` was read
}

void Feed::forget(const Place& place, Sequence sequence) {
  const std::lock_guard lock(mutex_);
  const auto found = groups_.find(key_of(place));
  if (found == groups_.end()) return;
  auto& follows = found->second.follows;
  Follow& follow = follows[index_of(sequence)];
  if (--follow.listeners == 0) follow.published.reset();
  std::size_t listeners = 0;
  for (const Follow& each : follows) listeners += each.listeners;
  if (listeners == 0) groups_.erase(found);
}

void Feed::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !dirty_.empty(); });
    if (stopping_) return;
    for (const std::string& key : std::exchange(dirty_, {})) {
      const auto found = groups_.find(key);
      if (found == groups_.end()) continue;
      found->second.dirty = false;
      const Group group = found->second;
      lock.unlock();
      for (const Sequence sequence : {Sequence::messages, Sequence::activity, Sequence::audit})
        if (const auto& published = group.follows[index_of(sequence)].published)
          publish(group.place, sequence, *published);
      lock.lock();
      if (stopping_) return;
    }
  }
}

namespace {

/// Reads the rows behind `after` and publishes each. Returns the last seq, and whether there are more rows.
template <class Rows, class Publish>
std::pair<std::int64_t, bool> publish_page(const Rows& rows, std::int64_t after, Publish publish_row) {
  for (const auto& row : rows) {
    publish_row(row);
    after = row.seq;
  }
  return {after, rows.size() == kPageRows};
}

}  // namespace

void Feed::publish(const Place& place, Sequence sequence, std::int64_t after) {
  const Realm realm{.tenant = place.tenant_id, .env = place.env};
  const auto put = [this](const std::string& topic, const FramePtr& frame) {
    if (frame) hub_.publish(topic, frame);
  };
  bool more = true, failed = false;
  while (more) {
    try {
      // Read in one short snapshot; frames are made and handed out after it.
      switch (sequence) {
        case Sequence::messages: {
          const auto rows = list_all_messages(database_.read().reader(), realm, after, kPageRows);
          std::tie(after, more) = publish_page(rows, after, [&](const Message& row) {
            const std::string topic = thread_topic(realm, row.thread_id);
            if (hub_.has_subscribers(topic)) put(topic, message_frame(row, epoch_));
          });
          break;
        }
        case Sequence::activity: {
          const auto rows = store::list_events_after(database_.read().reader(), realm, std::nullopt, after, kPageRows);
          std::tie(after, more) = publish_page(rows, after, [&](const domain::Event& row) {
            const FramePtr frame = activity_frame(row, epoch_);
            put(activity_topic(realm), frame);
            put(activity_topic(realm, row.event_type), frame);
          });
          break;
        }
        case Sequence::audit: {
          const auto rows = store::list_audit_rows_after(database_.read().reader(), realm, after, kPageRows);
          std::tie(after, more) =
              publish_page(rows, after, [&](const store::AuditRow& row) { put(audit_topic(realm), audit_frame(row)); });
          break;
        }
      }
    } catch (const std::exception& error) {
      log::error("events could not be published: again soon", {{"cause", error.what()}});
      failed = true;
      more = false;
    }
  }
  std::unique_lock lock(mutex_);
  if (failed) wake_.wait_for(lock, kPause, [this] { return stopping_; });
  const auto found = groups_.find(key_of(place));
  if (found == groups_.end()) return;
  if (failed) mark_dirty(found->second);
  auto& published = found->second.follows[index_of(sequence)].published;
  if (published) published = std::max(*published, after);
}

}  // namespace nexus::rails
