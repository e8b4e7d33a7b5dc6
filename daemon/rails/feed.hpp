// Moves new rows from the store to the hub. After each COMMIT it reads the new rows of every sequence that has
// listeners, and publishes them in the order of seq. The writer only signals that rows are new. The feed reads them
// from the store with the same functions as replay, so that it publishes only committed rows, in order and without
// gaps. Sequences with new rows go in turn, a page each.
//
// Refused: publishing from the units themselves. A unit may still be undone when it ends, other units of its batch may
// fail with it, and a unit that forgot to publish would leave a gap that no test sees.
//
// Threads: any. Publishing has a thread of its own.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "daemon/rails/epoch.hpp"
#include "daemon/rails/hub.hpp"
#include "daemon/rails/sources.hpp"
#include "store/database.hpp"
#include "store/heads.hpp"

namespace nexus::rails {

class Feed {
 public:
  Feed(store::Database& database, Hub& hub, const Epoch& epoch);
  /// Ends the thread. `changed` must not be called any more.
  ~Feed();

  void changed(const std::vector<Place>& places);
  /// Anything may have changed.
  void missed();
  /// The rows are others than before, under the same seqs: each sequence is started anew.
  void set_back();
  /// Of the sequences that are followed.
  std::set<std::string> tenants() const;
  /// The sequences have grown at least so far.
  void grown_to(Sequence sequence, const std::vector<store::PlaceHead>& heads);

  /// Adds a listener to the sequence. Rows committed after this call are published once `start` was called.
  void listen(const Place& place, Sequence sequence);
  /// Publishes the sequence from behind `head`, unless it is published already. The caller read `head` after `listen`,
  /// and knows all rows up to it.
  void start(const Place& place, Sequence sequence, std::int64_t head);
  void forget(const Place& place, Sequence sequence);

 private:
  struct Follow {
    Place place;
    Sequence sequence;
    std::size_t listeners = 0;
    std::optional<std::int64_t> published = {};  // up to this seq; empty: not started
    std::int64_t looked_to = 0;                  // grown_to() has had it read so far
    bool dirty = false;
  };

  void loop();
  bool publish_next();
  void publish(const std::string& key, const Follow& follow, std::uint64_t setbacks);
  void mark_dirty(Follow& follow);

  store::Database& database_;
  Hub& hub_;
  const Epoch& epoch_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::unordered_map<std::string, Follow> follows_;
  std::uint64_t setbacks_ = 0;
  std::deque<std::string> dirty_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nexus::rails
