// Who has open streams in a thread, and the gestures made there: what is never stored, shared by all daemons on one
// store. Each daemon tells the others by the bell (store/bell.hpp) when the first stream of a user in a thread opens
// and when the last one closes, numbered, and says every 3 s that it lives. Who misses a number asks for the whole. A
// daemon that is silent for 10 s has no streams any more.
//
// Words are JSON objects:
//   {"is": "online" | "offline", "from": D, "n": N, "at": A, "user": U, "type": T, "json": J}
//   {"is": "gesture", "from": D, "at": A, "json": J}
//   {"is": "alive", "from": D, "n": N}           N numbers what D has told of its streams
//   {"is": "ask", "from": D, "of": D2}           asks D2 for the whole
//   {"is": "whole", "from": D, "n": N, "part": 0…, "last": bool, "streams": [{"at": A, "users": [[U, T], …]}, …]}
//   {"is": "bye", "from": D}
// where A is [tenant, env, thread] and J the JSON of an open frame. A daemon of another version may say more: unknown
// words are left out.
//
// Threads: any.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "daemon/rails/hub.hpp"
#include "store/bell.hpp"

namespace nexus::rails {

class Presence {
 public:
  using Clock = std::chrono::steady_clock;
  struct User {
    std::string id, type;  // human | agent | system
    auto operator<=>(const User&) const = default;
  };

  /// `bell` is null where no other daemon may be. `now`: a test may have a clock of its own.
  Presence(Hub& hub, store::Bell* bell, std::function<Clock::time_point()> now = Clock::now);
  /// Tells that the streams of this daemon are gone.
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  /// As those of Hub, for one more and one less stream of this daemon.
  void arrive(const ThreadAddress& at, const User& user, const FramePtr& frame, const Subscriber* except);
  void leave(const ThreadAddress& at, const User& user, const FramePtr& frame);
  /// Sends to all streams of the thread. What a tenant sends beyond limits::gesture_bytes_told_max reaches those of
  /// this daemon alone: all tenants share the bell.
  void gesture(const ThreadAddress& at, const FramePtr& frame);
  /// Takes another daemon's words. Those that cannot be read are left out.
  void hear(std::string_view words);
  /// To be called about once a second. Says that this daemon lives, and forgets those that are silent.
  void tick();

 private:
  struct Entry {
    ThreadAddress at;
    User user;
  };
  using Key = std::pair<std::string, std::string>;  // topic and user id
  using Streams = std::map<Key, Entry>;
  struct Other {
    std::int64_t told = -1;  // the number of what was heard last; -1: the whole is not known
    Clock::time_point heard_at;
    Clock::time_point asked_at;
    Streams streams;
    Streams whole;  // the parts that came
    std::int64_t parts = 0;
  };

  void say(Json words, store::Bell::Weight weight = store::Bell::Weight::needed);
  bool may_tell_gesture(const TenantId& tenant, std::size_t bytes);
  void say_change(std::string_view is, const ThreadAddress& at, const User& user, const Frame& frame);
  void say_whole();
  void take(const Json& words);
  void hear_change(const std::string& from, Other& other, const Json& words, bool online);
  void hear_whole(Other& other, const Json& words);
  void require_number(const std::string& from, Other& other, std::int64_t told);
  void put_streams(Other& other, Streams streams);
  void forget(Other& other) { put_streams(other, {}); }

  Hub& hub_;
  store::Bell* const bell_;
  const std::function<Clock::time_point()> now_;
  const std::string self_;

  std::mutex mutex_;
  std::int64_t told_ = 0;
  std::map<Key, std::pair<Entry, std::size_t>> own_;  // with the number of streams
  std::map<std::string, Other> others_;
  Clock::time_point said_at_;  // that this daemon lives
  Clock::time_point gestures_since_;
  std::map<std::string, std::size_t> gesture_bytes_;  // told since then, by tenant
};

}  // namespace nexus::rails
