// One client connection: its socket, on a strand of its own, and the deadline that the server's sweep enforces. A
// deadline costs one atomic store instead of one timer per operation; it is exact to a second.
#pragma once
#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "daemon/base/network.hpp"

namespace nexus::http::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

/// An operation with this token is awaited, and returns its error beside its result instead of throwing it.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// What a connection waits for from its client; nothing while a request is processed or answered.
enum class Waits : std::uint8_t { nothing, head, body };

struct Connection : std::enable_shared_from_this<Connection> {
  explicit Connection(tcp::socket&& socket_) : socket(std::move(socket_)), peer(peer_of(socket)) {}

  void expire_after(Clock::duration span) { expire_at(Clock::now() + span); }
  void never_expire() { expire_at(Clock::time_point::max()); }
  bool expired(Clock::time_point now) const {
    return now.time_since_epoch().count() > deadline.load(std::memory_order_relaxed);
  }
  /// Ends the current operation with operation_aborted, if its deadline is still over. From any thread.
  void interrupt() {
    asio::post(socket.get_executor(), [self = shared_from_this()] {
      if (!self->expired(Clock::now())) return;  // it has gone on under a new deadline
      boost::system::error_code ignored;
      self->socket.cancel(ignored);
    });
  }
  /// Cuts the connection; with `strangers_only`, unless a request on it was authenticated meanwhile. From any thread.
  void cut(bool strangers_only = false) {
    asio::post(socket.get_executor(), [self = shared_from_this(), strangers_only] {
      boost::system::error_code ignored;
      if (!strangers_only || !self->known) self->socket.close(ignored);
    });
  }

  tcp::socket socket;
  const std::optional<IpAddress> peer;                  // nothing where the client has gone already
  std::string pending;                                  // bytes that were read and not yet used
  Clock::time_point latest = Clock::time_point::max();  // no deadline is later; on the strand
  std::atomic<Clock::rep> deadline{Clock::time_point::max().time_since_epoch().count()};
  std::atomic<bool> idle{true};    // between requests: closing it loses nothing
  std::atomic<bool> known{false};  // a request on it was authenticated
  std::atomic<bool> last{false};   // it came when only the last places were left (Places)
  std::atomic<Waits> waits_for{Waits::head};

 private:
  static std::optional<IpAddress> peer_of(const tcp::socket& socket) {
    boost::system::error_code error;
    const asio::ip::address address = socket.remote_endpoint(error).address();
    if (error) return std::nullopt;
    return address.is_v4() ? IpAddress(address.to_v4().to_bytes()) : IpAddress(address.to_v6().to_bytes());
  }
  void expire_at(Clock::time_point then) {
    deadline.store(std::min(then, latest).time_since_epoch().count(), std::memory_order_relaxed);
  }
};

}  // namespace nexus::http::net
