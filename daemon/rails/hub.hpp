// The topics, each of one tenant and env, and the streams subscribed to them. Publishing puts one shared frame into
// each subscriber's own bounded queue and never waits for a reader. The hub also counts presence: the users who have
// open streams in a thread. Presence is never stored.
//
// Uses no store and no socket. Threads: any. Frames published by one thread reach every subscriber in that order.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/base/realm.hpp"
#include "daemon/rails/stream_event.hpp"
#include "daemon/rails/subscriber.hpp"

namespace nexus::rails {

/// A key of the hub. Its parts hold no newline, so that no two topics share a key.
std::string thread_topic(Realm realm, std::string_view thread_id);
std::string thread_topic(const ThreadAddress& address);
std::string activity_topic(Realm realm, std::string_view event_type = {});
std::string audit_topic(Realm realm);

class Hub {
 public:
  void subscribe(const std::string& topic, SubscriberPtr subscriber);
  /// Ignores an unknown subscriber.
  void unsubscribe(const std::string& topic, const SubscriberPtr& subscriber);
  /// Pushes the frame into the queue of every subscriber except `except`. Returns their number.
  std::size_t publish(const std::string& topic, const FramePtr& frame, const Subscriber* except = nullptr);
  bool has_subscribers(const std::string& topic) const;

  /// Counts one more stream of this user in the topic. At the user's first stream, all subscribers except `except` get
  /// the frame.
  void arrive(const std::string& topic, const std::string& user_id, const FramePtr& frame, const Subscriber* except);
  /// Counts one stream less. At the user's last stream, all subscribers get the frame.
  void leave(const std::string& topic, const std::string& user_id, const FramePtr& frame);
  /// The users who have streams in the topic, in order of their ids.
  std::vector<std::string> present(const std::string& topic) const;

 private:
  struct Topic {
    std::mutex mutex;
    std::vector<SubscriberPtr> subscribers;
    std::map<std::string, std::size_t> present;
  };
  static std::size_t fan_out(Topic& topic, const FramePtr& frame, const Subscriber* except);
  std::shared_ptr<Topic> find(const std::string& topic) const;
  /// Runs `change` on the topic. Creates the topic before if it is missing, and removes it afterwards if it is empty.
  template <class Change>
  void with_topic(const std::string& topic, Change change);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Topic>> topics_;
};

}  // namespace nexus::rails
