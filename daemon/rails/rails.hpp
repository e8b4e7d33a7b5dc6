// The rails of the daemon: the hub, the feed that fills it, and all open streams. Limits the number of streams, ends
// those that may not go on, and ends all when the daemon stops.
//
// When a change could end a stream, all streams are judged from the store in one short snapshot. Expiry of a token is
// judged from the clock alone.
//
// Where other daemons use the store too, their rows, their changes of rights and their presence come by its bell, and
// by a look at the store that needs no bell. Threads: any.
#pragma once
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/http/route.hpp"
#include "daemon/rails/feed.hpp"
#include "daemon/rails/hub.hpp"
#include "daemon/rails/presence.hpp"
#include "daemon/rails/stream.hpp"
#include "daemon/rails/watch.hpp"

namespace nexus::rails {

struct RailsOptions {
  std::size_t streams_max = limits::streams_max_default;
  std::size_t streams_per_user = limits::streams_per_user_default;
  /// How often a store that other daemons use too is looked at.
  std::chrono::milliseconds look_every{250};
};

class Rails {
 public:
  Rails(store::Database& database, const RailsOptions& options);
  /// All streams must have ended.
  ~Rails();
  Rails(const Rails&) = delete;
  Rails& operator=(const Rails&) = delete;

  Hub& hub() { return hub_; }
  Feed& feed() { return feed_; }
  store::Database& database() { return database_; }
  Presence& presence() { return presence_; }
  /// The epoch of the database, which is the first part of every cursor.
  std::string epoch() const { return epoch_.text(); }

  /// Counts and keeps the stream. Throws Problem when the user or the daemon has too many streams.
  std::shared_ptr<Stream> open(const http::Route& route, const Caller& caller, std::unique_ptr<Source> source,
                               Start start);

  /// Returns the code with which a request to the route would now be refused, if any.
  using Judge = std::function<std::optional<Code>(const store::Reader&, const http::Route&, const Caller&)>;
  void judge_by(Judge judge);
  /// A membership, a token, a tenant, a kill switch or a flag changed: open streams are judged at the next tick.
  void permissions_changed() { changed_ = true; }
  /// Called with the facts about the store at each look, on a thread of the rails that may wait. Never where no other
  /// daemon may use the store.
  void on_look(Watch::Listener listener);
  /// Tells the daemon that leads, which is another one, that there is something to remove.
  void tell_chores();
  /// Whether another daemon has told so since the last call.
  bool take_chores() { return chores_.exchange(false); }
  /// Called every 250 ms. Ends streams that may not go on, cuts those whose client does not read the end, and wakes
  /// those whose heartbeat is due.
  void tick();
  /// Ends all streams, and each one opened from now on, because the daemon stops.
  void drain();
  /// Drops the waits of all streams: nothing will wake a stream any more.
  void abandon();

  /// Lines of GET /metrics.
  std::string metrics_text() const;

 private:
  friend class Stream;
  using Transport = http::StreamHandler::Transport;

  void take_place(const Caller& caller);
  void give_place_back(const Caller& caller);
  void forget(const Stream& stream);
  void delivered(const Stream& stream, std::size_t events);
  std::vector<std::shared_ptr<Stream>> all() const;
  void judge(const std::vector<std::shared_ptr<Stream>>& streams);
  void take_facts(const Watch::Facts& facts);

  store::Database& database_;
  const RailsOptions options_;
  Epoch epoch_;
  Hub hub_;
  Presence presence_;
  Feed feed_;

  mutable std::mutex mutex_;
  std::unordered_map<const Stream*, std::weak_ptr<Stream>> streams_;
  std::unordered_map<std::string, std::size_t> per_user_;
  std::size_t places_ = 0;
  Judge judge_;
  std::atomic<bool> changed_{false};
  std::atomic<bool> chores_{false};
  std::atomic<bool> draining_{false};

  struct Counters {
    std::atomic<std::size_t> open{0};
    std::atomic<std::uint64_t> events{0};
  };
  std::array<Counters, 2> counters_;  // by Transport
  std::atomic<std::uint64_t> slow_closes_{0};

  std::string rights_mark_;  // as of the last look
  std::mutex look_mutex_;
  Watch::Listener on_look_;
  std::unique_ptr<Watch> watch_;  // null where no other daemon may use the store; last, because it calls the others
};

}  // namespace nexus::rails
