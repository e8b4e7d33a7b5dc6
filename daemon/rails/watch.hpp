// Looks at a store that other daemons write to, four times a second: for rows of which no bell told, and for facts
// about the store (store::list_meta). A bell may be lost, so this look is what streams rely on; the bell
// makes them fast.
//
// Threads: its own, on which the listener is called.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "daemon/rails/feed.hpp"
#include "store/database.hpp"

namespace nexus::rails {

class Watch {
 public:
  using Facts = std::map<std::string, std::string>;
  /// May throw: the next look sees the same.
  using Listener = std::function<void(const Facts&)>;

  /// Starts the thread. `look` is called with the facts at each look.
  Watch(store::Database& database, Feed& feed, Listener look, std::chrono::milliseconds between);
  /// Ends the thread.
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  void loop();
  void look();
  void tell(const char* cause);

  store::Database& database_;
  Feed& feed_;
  const Listener listener_;
  const std::chrono::milliseconds between_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point tell_again_{};  // of the thread alone
  std::thread thread_;
};

}  // namespace nexus::rails
