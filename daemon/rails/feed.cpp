#include "daemon/rails/feed.hpp"

#include "daemon/base/insist.hpp"
#include "daemon/base/thread.hpp"
#include "daemon/log.hpp"

namespace nexus::rails {
namespace {

constexpr std::chrono::milliseconds kPause{100};

std::string key_of(const Place& place, Sequence sequence) {
  return place.tenant_id + "\n" + place.env + "\n" + std::to_string(static_cast<int>(sequence));
}

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

Feed::Feed(store::Database& database, Hub& hub, const Epoch& epoch)
    : database_(database), hub_(hub), epoch_(epoch), thread_([this] {
        name_thread("feed");
        loop();
      }) {}

Feed::~Feed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Feed::mark_dirty(Follow& follow) {
  if (follow.dirty) return;
  dirty_.push_back(key_of(follow.place, follow.sequence));
  follow.dirty = true;
  wake_.notify_one();
}

void Feed::changed(const std::vector<Place>& places) {
  const std::lock_guard lock(mutex_);
  if (follows_.empty()) return;
  for (const auto& place : places)
    for (const Sequence sequence : {Sequence::messages, Sequence::activity, Sequence::audit})
      if (const auto found = follows_.find(key_of(place, sequence)); found != follows_.end()) mark_dirty(found->second);
}

void Feed::missed() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, follow] : follows_) mark_dirty(follow);
}

void Feed::set_back() {
  const std::lock_guard lock(mutex_);
  ++setbacks_;
  for (auto& [key, follow] : follows_) {
    follow.published.reset();
    follow.looked_to = 0;
  }
}

std::set<std::string> Feed::tenants() const {
  std::set<std::string> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, follow] : follows_) out.insert(follow.place.tenant_id);
  return out;
}

void Feed::grown_to(Sequence sequence, const std::vector<store::PlaceHead>& heads) {
  const std::lock_guard lock(mutex_);
  for (const auto& [place, seq] : heads)
    if (const auto found = follows_.find(key_of(place, sequence)); found != follows_.end())
      if (seq > std::max(found->second.published.value_or(seq), found->second.looked_to)) {
        found->second.looked_to = seq;  // a sequence may have no row of its own there
        mark_dirty(found->second);
      }
}

void Feed::listen(const Place& place, Sequence sequence) {
  const std::lock_guard lock(mutex_);
  ++follows_.try_emplace(key_of(place, sequence), Follow{place, sequence}).first->second.listeners;
}

void Feed::start(const Place& place, Sequence sequence, std::int64_t head) {
  const std::lock_guard lock(mutex_);
  Follow& follow = follows_.at(key_of(place, sequence));
  if (follow.published) return;
  follow.published = head;
  mark_dirty(follow);  // `changed` ignored what was committed since `head` was read
}

void Feed::forget(const Place& place, Sequence sequence) {
  const std::lock_guard lock(mutex_);
  const auto found = follows_.find(key_of(place, sequence));
  if (found != follows_.end() && --found->second.listeners == 0) follows_.erase(found);
}

void Feed::loop() {
  bool more = true;
  insist([&] {
    while (more) more = publish_next();
  });
}

/// Publishes the sequence that grew first; false at the end. One that is not reached for want of memory stays in the
/// list.
bool Feed::publish_next() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !dirty_.empty(); });
  if (stopping_) return false;
  const std::string key = dirty_.front();
  const auto found = follows_.find(key);
  const auto follow = found == follows_.end() ? std::nullopt : std::optional(found->second);
  const std::uint64_t setbacks = setbacks_;
  dirty_.pop_front();
  if (!follow) return true;
  found->second.dirty = false;
  lock.unlock();
  if (follow->published) publish(key, *follow, setbacks);
  return true;
}

/// Publishes one page. A sequence with more rows goes to the end of the list: others do not wait until it has none.
void Feed::publish(const std::string& key, const Follow& follow, std::uint64_t setbacks) {
  const Realm realm = follow.place.realm();
  const std::string epoch = epoch_.text();
  std::int64_t after = *follow.published;
  const auto put = [this](const std::string& topic, const FramePtr& frame) {
    if (frame) hub_.publish(topic, frame);
  };
  bool more = false, failed = false;
  try {
    // Read in one short snapshot; frames are made and handed out after it.
    switch (follow.sequence) {
      case Sequence::messages: {
        const auto rows = list_rows(database_.read().reader(), realm, after, kPageRows);
        std::tie(after, more) = publish_page(rows, after, [&](const Message& row) {
          const std::string topic = thread_topic(realm, row.thread_id);
          if (hub_.has_subscribers(topic)) put(topic, message_frame(row, epoch));
        });
        break;
      }
      case Sequence::activity: {
        const auto rows = store::list_events_after(database_.read().reader(), realm, std::nullopt, after, kPageRows);
        std::tie(after, more) = publish_page(rows, after, [&](const domain::Event& row) {
          const FramePtr frame = activity_frame(row, epoch);
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
  }
  std::unique_lock lock(mutex_);
  if (failed) wake_.wait_for(lock, kPause, [this] { return stopping_; });
  const auto found = follows_.find(key);
  if (found == follows_.end()) return;
  if (failed || more) insist([&] { mark_dirty(found->second); });
  auto& published = found->second.published;
  if (published && setbacks == setbacks_) published = std::max(*published, after);
}

}  // namespace nexus::rails
