// From the store to the hub: after each COMMIT it reads what is new in the sequences that somebody listens to, and
// publishes it in the order of seq. The writer only says that something is new; what is published is read from the
// store by the functions that replay uses too, so that nothing can be published that was not committed, nothing out of
// order, and nothing left out.
//
// Refused: publishing from the units themselves. A unit may still be undone when it ends, its neighbours may fail with
// it, and whoever forgot to publish would open a gap that no test sees.
//
// Threads: changed on the writer's thread; the rest from any; publishing happens on a thread of its own.
#pragma once
#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "daemon/rails/hub.hpp"
#include "daemon/rails/source.hpp"
#include "store/database.hpp"

namespace nexus::rails {

class Feed {
 public:
  Feed(store::Database& database, Hub& hub, std::string epoch);
  /// Ends the thread; nobody may call changed any more.
  ~Feed();

  void changed(const std::vector<store::Touched>& places);

  /// Somebody listens to the sequence. What is committed after this call is published, once `start` was called.
  void listen(const store::Touched& place, Sequence sequence);
  /// All up to `head`, read after listen, is known to whoever called: the sequence is published from there on, unless
  /// it is already.
  void start(const store::Touched& place, Sequence sequence, std::int64_t head);
  void forget(const store::Touched& place, Sequence sequence);

 private:
  struct Follow {
    std::size_t listeners = 0;
    std::optional<std::int64_t> published;  // up to this seq; nothing: not started
  };
  struct Group {
    store::Touched place;
    std::array<Follow, 3> follows;  // by Sequence
    bool dirty = false;
  };

  void loop();
  void publish(const store::Touched& place, Sequence sequence, std::int64_t after);
  void mark_dirty(Group& group);

  store::Database& database_;
  Hub& hub_;
  const std::string epoch_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::unordered_map<std::string, Group> groups_;
  std::vector<std::string> dirty_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nexus::rails
