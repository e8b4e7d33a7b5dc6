// The rails as one thing of the daemon: the hub, the feed that fills it, and all open streams: how many there may be,
// whether each may still go on, and their end when the daemon stops.
//
// Whether a stream may go on is judged from the store, all of them with one short snapshot, when something changed that
// could end one; and from the clock alone when its token expires. Threads: everything from any thread.
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
  /// All streams have ended.
  ~Rails();
  Rails(const Rails&) = delete;
  Rails& operator=(const Rails&) = delete;

  Hub& hub() { return hub_; }
  Feed& feed() { return feed_; }
  store::Database& database() { return database_; }
  /// Of this life of the database: the first part of every cursor.
  const std::string& epoch() const { return epoch_; }

  /// Counts and keeps the stream. Throws Problem where there is no place for one more, of this user or at all.
  std::shared_ptr<Stream> open(const http::Route& route, const Caller& caller, std::unique_ptr<Source> source,
                               Start start);

  /// What a route would now be refused with, if it would.
  using Judge = std::function<std::optional<Code>(const store::Reader&, const http::Route&, const Caller&)>;
  void judge_by(Judge judge);
  /// A membership, a token, a tenant, a kill switch or a flag changed: open streams are judged at the next tick.
  void permissions_changed() { changed_ = true; }
  /// Every 250 ms: ends streams that may not go on, cuts those that do not take their end, wakes those that are due to
  /// say something.
  void tick();
  /// Ends all streams, and each one opened from now on, as the daemon is going away.
  void drain();
  /// Nobody will wake a stream any more: what waits for that is forgotten.
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

/// What a stream's request says of where to begin: `Last-Event-ID` before `?last_event_id=`, and `?from=earliest`.
/// Throws Problem chat.cursor_invalid. `plain`: of a sequence without epochs.
StartRequest take_start_request(http::Input& input, bool plain);
std::vector<http::QueryParameter> start_parameters(bool plain);
/// Of a cursor as clients send it; `plain`: the seq of an audit row.
Json cursor_schema(bool plain);

}  // namespace nexus::rails
