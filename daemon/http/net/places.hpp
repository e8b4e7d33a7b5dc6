// The places that the daemon has for connections, and which one ends when all are taken. A stranger who opens many idle
// connections must not keep out a caller who wants to stop something. So the oldest connection that never authenticated
// and that waits for its client makes room for the new one. An authenticated connection is never closed for this, and
// no request in progress is cut.
//
// Authenticated connections may be idle too. So the last places (limits::connections_last, at most a quarter) are for
// one request each, of a caller with a valid token or of a probe, within 5 s: the session enforces this. When they are
// taken too, the oldest
// connection there that has not authenticated yet makes room. When all are authenticated or busy, the new connection
// gets no place.
//
// A place is free before its client can know that the connection ended.
//
// Threads: any.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "daemon/http/limits.hpp"
#include "daemon/http/net/connection.hpp"

namespace nexus::http::net {

using ConnectionPtr = std::shared_ptr<Connection>;

class Places {
 public:
  explicit Places(std::size_t most) : most_(most), lasting_(most - std::min(limits::connections_last, most / 4)) {}

  /// Takes a place, and marks the connection when it is one of the last; false when there is none.
  bool enter(const ConnectionPtr& connection);
  /// Marks a connection whose last answer was written. It only waits for its client to close, so it is closed first.
  void end(const ConnectionPtr& connection);
  void leave(const ConnectionPtr& connection);
  /// Lets go of all connections. When nobody runs any more.
  void clear();

  std::size_t taken() const;
  /// Whether some of the last places are in use.
  bool last_in_use() const { return taken() > lasting_; }
  /// How many connections made room since the last call.
  std::size_t take_put_out();
  template <class Do>
  void for_each(Do action) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [connection, number] : all_) action(*connection);
  }

 private:
  bool make_room(bool in_last);
  void forget(const ConnectionPtr& connection);

  const std::size_t most_;
  const std::size_t lasting_;  // without the last ones
  mutable std::mutex mutex_;
  std::uint64_t next_ = 0;  // numbers connections as they come
  std::unordered_map<ConnectionPtr, std::uint64_t> all_;
  std::map<std::uint64_t, ConnectionPtr> strangers_;  // oldest first; some have authenticated since
  std::map<std::uint64_t, ConnectionPtr> ending_;
  std::size_t put_out_ = 0;
};

/// A connection in its place. Its owner serves the connection. Its end gives the place back, then closes the
/// connection.
class Seat {
 public:
  Seat(Places& places, ConnectionPtr connection) : places_(&places), connection_(std::move(connection)) {}
  Seat(Seat&&) noexcept = default;
  Seat& operator=(Seat&&) = delete;
  ~Seat() { leave(); }

  const ConnectionPtr& connection() const { return connection_; }
  void leave() {
    if (!connection_) return;  // another seat has it
    places_->leave(connection_);
    boost::system::error_code ignored;
    connection_->socket.close(ignored);
  }

 private:
  Places* places_;
  ConnectionPtr connection_;
};

}  // namespace nexus::http::net
