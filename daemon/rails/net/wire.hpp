// A connection as a stream for Beast's WebSocket. It reads the unused bytes that came with the request's head first,
// then the socket.
#pragma once
#include <boost/asio.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include "daemon/http/net/connection.hpp"

namespace nexus::rails::net {

namespace asio = boost::asio;

class Wire {
 public:
  using Error = boost::system::error_code;
  using next_layer_type = http::net::tcp::socket;
  using executor_type = next_layer_type::executor_type;

  explicit Wire(http::net::Connection& connection) : connection_(connection) {}

  executor_type get_executor() { return connection_.socket.get_executor(); }
  next_layer_type& next_layer() { return connection_.socket; }
  const next_layer_type& next_layer() const { return connection_.socket; }

  /// Holds written bytes back from here on, up to 64 KiB, so that a burst of events is one system call instead of one
  /// each.
  void hold() { holding_ = true; }
  /// The next write also sends the held bytes.
  void release() { holding_ = false; }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(Error, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          if (!holding_ && held_.empty()) return connection_.socket.async_write_some(from, std::move(handler));
          const std::size_t count = asio::buffer_size(from), had = held_.size();
          held_.resize(had + count);
          asio::buffer_copy(asio::buffer(held_.data() + had, count), from);
          if (holding_ && held_.size() < kHeldBytesMax)
            return asio::post(get_executor(), boost::beast::bind_front_handler(std::move(handler), Error(), count));
          asio::async_write(connection_.socket, asio::buffer(held_),
                            [this, count, handler = std::move(handler)](Error error, std::size_t) mutable {
                              std::exchange(held_, {});
                              std::move(handler)(error, error ? 0 : count);
                            });
        },
        token, buffers);
  }

  /// Sends what is held back, and then calls `next`: whoever holds writes back may never write again.
  template <class Next>
  void flush(Next next) {
    holding_ = false;
    if (held_.empty()) return next();
    asio::async_write(connection_.socket, asio::buffer(held_),
                      [this, next = std::move(next)](Error, std::size_t) mutable {
                        std::exchange(held_, {});
                        next();
                      });
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(Error, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          std::string& pending = connection_.pending;
          if (pending.empty()) return connection_.socket.async_read_some(into, std::move(handler));
          const std::size_t count = asio::buffer_copy(into, asio::buffer(pending));
          pending.erase(0, count);
          if (pending.empty()) std::exchange(pending, {});
          asio::post(get_executor(), boost::beast::bind_front_handler(std::move(handler), Error(), count));
        },
        token, buffers);
  }

 private:
  static constexpr std::size_t kHeldBytesMax = 64 * 1024;

  http::net::Connection& connection_;
  bool holding_ = false;
  std::string held_;  // written, but not yet passed to the socket
};

// Beast finds these by their argument.
inline void teardown(boost::beast::role_type role, Wire& wire, boost::system::error_code& error) {
  boost::beast::websocket::teardown(role, wire.next_layer(), error);
}
/// Beast calls it after its close frame, which it also sends by itself, from a read, to a client that breaks the
/// protocol (RFC 6455, section 7.1.7). Where events are being held back then, the close frame is too.
template <class Handler>
void async_teardown(boost::beast::role_type role, Wire& wire, Handler&& handler) {
  wire.flush([role, &wire, handler = std::forward<Handler>(handler)]() mutable {
    boost::beast::websocket::async_teardown(role, wire.next_layer(), std::move(handler));
  });
}

}  // namespace nexus::rails::net
