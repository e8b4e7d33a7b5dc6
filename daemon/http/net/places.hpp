// The places that a daemon has for connections, and who goes when all are taken. A stranger who opens many and says
// nothing must not keep out who wants to stop something: the oldest connection that never authenticated and that waits
// for its client makes room for the newcomer. Who authenticated once is never put out, and no request that is being
// worked on is cut; when everybody is known or busy, the newcomer gets no place.
//
// A place is free again before its client can know that the connection ended.
//
// Threads: any.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "daemon/http/net/connection.hpp"

namespace nexus::http::net {

using ConnectionPtr = std::shared_ptr<Connection>;

class Places {
 public:
  explicit Places(std::size_t most) : most_(most) {}

  /// False when there is no place for it.
  bool enter(const ConnectionPtr& connection);
  /// Its last answer was written: it only waits for its client to close, and goes first.
  void end(const ConnectionPtr& connection);
  void leave(const ConnectionPtr& connection);

  std::size_t taken() const;
  /// How many made room since this was asked last.
  std::size_t take_put_out();
  template <class Do>
  void for_each(Do action) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [connection, number] : all_) action(*connection);
  }

 private:
  bool make_room();
  void forget(const ConnectionPtr& connection);

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::uint64_t next_ = 0;  // numbers connections as they come
  std::unordered_map<ConnectionPtr, std::uint64_t> all_;
  std::map<std::uint64_t, ConnectionPtr> strangers_;  // oldest first; some of them are known by now
  std::map<std::uint64_t, ConnectionPtr> ending_;
  std::size_t put_out_ = 0;
};

}  // namespace nexus::http::net
