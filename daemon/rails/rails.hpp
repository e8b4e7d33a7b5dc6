// The rails of the daemon: the hub, the feed that fills it, and all open streams. Limits the number of streams, ends
// those that may not go on, and ends all when the daemon stops.
//
// When a change could end a stream, all streams are judged from the store in one short snapshot. Expiry of a token is
// judged from the clock alone. Threads: any.
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
#include "daemon/rails/stream.hpp"

namespace nexus::rails {

struct RailsOptions {
  std::size_t streams_max = limits::streams_max_default;
  std::size_t streams_per_user = limits::streams_per_user_default;
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
  /// The epoch of the database, which is the first part of every cursor.
  const std::string& epoch() const { return epoch_; }

  /// Counts and keeps the stream. Throws Problem when the user or the daemon has too many streams.
  std::shared_ptr<Stream> open(const http::Route& route, const Caller& caller, std::unique_ptr<Source> source,
                               Start start);

  /// Returns the code with which a request to the route would now be refused, if any.
  using Judge = std::function<std::optional<Code>(const store::Reader&, const http::Route&, const Caller&)>;
  void judge_by(Judge judge);
  /// A membership, a token, a tenant, a kill switch or a flag changed: open streams are judged at the next tick.
  void permissions_changed() { changed_ = true; }
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

  store::Database& database_;
  const RailsOptions options_;
  const std::string epoch_;
  Hub hub_;
  Feed feed_;

  mutable std::mutex mutex_;
  std::unordered_map<const Stream*, std::weak_ptr<Stream>> streams_;
  std::unordered_map<std::string, std::size_t> per_user_;
  std::size_t places_ = 0;
  Judge judge_;
  std::atomic<bool> changed_{false};
  std::atomic<bool> draining_{false};

  struct Counters {
    std::atomic<std::size_t> open{0};
    std::atomic<std::uint64_t> events{0};
  };
  std::array<Counters, 2> counters_;  // by Transport
  std::atomic<std::uint64_t> slow_closes_{0};
};

}  // namespace nexus::rails
