// Who listens where: topics of one tenant and env, and the streams subscribed to each. Publishing puts one shared frame
// into each subscriber's own bounded queue and never waits for a reader. Presence is counted here too: who has streams
// in a thread, for as long as he has them; it is never stored.
//
// No store, no socket. Threads: everything from any thread. Frames published by one thread reach every subscriber in
// that order.
#pragma once
#include <functional>
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

/// A key of the hub. None of its parts holds a newline, so that no two topics have one key.
std::string thread_topic(Realm realm, std::string_view thread_id);
std::string thread_topic(const ThreadAddress& address);
std::string activity_topic(Realm realm, std::string_view event_type = {});
std::string audit_topic(Realm realm);

class Hub {
 public:
  void subscribe(const std::string& topic, SubscriberPtr subscriber);
  /// Unknown ones are ignored.
  void unsubscribe(const std::string& topic, const SubscriberPtr& subscriber);
  /// Into the queue of every subscriber but `except`; answers how many there were.
  std::size_t publish(const std::string& topic, const FramePtr& frame, const Subscriber* except = nullptr);
  bool has_subscribers(const std::string& topic) const;

  /// One more stream of this user in the topic. With the first one, all subscribers but `except` get the frame.
  void arrive(const std::string& topic, const std::string& user_id, const FramePtr& frame, const Subscriber* except);
  /// One less. With the last one, all subscribers get the frame.
  void leave(const std::string& topic, const std::string& user_id, const FramePtr& frame);
  /// Who has streams there, in order of their ids.
  std::vector<std::string> present(const std::string& topic) const;

 private:
  struct Topic {
    std::mutex mutex;
    std::vector<SubscriberPtr> subscribers;
    std::map<std::string, std::size_t> present;
  };
  static std::size_t fan_out(Topic& topic, const FramePtr& frame, const Subscriber* except);
  std::shared_ptr<Topic> find(const std::string& topic) const;
  /// Runs `change` on the topic, which is made before and forgotten afterwards when nothing is left in it.
  template <class Change>
  void with_topic(const std::string& topic, Change change);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Topic>> topics_;
};

}  // namespace nexus::rails
