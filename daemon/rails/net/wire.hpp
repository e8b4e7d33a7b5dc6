// A connection as Beast's WebSocket wants to read it: first what came with the request's head and was not used, then
// the socket.
#pragma once
#include <boost/asio.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include "daemon/http/net/connection.hpp"

namespace nexus::rails::net {

class Wire {
 public:
  using next_layer_type = http::net::tcp::socket;
  using executor_type = next_layer_type::executor_type;

  explicit Wire(http::net::Connection& connection) : connection_(connection) {}

  executor_type get_executor() { return connection_.socket.get_executor(); }
  next_layer_type& next_layer() { return connection_.socket; }
  const next_layer_type& next_layer() const { return connection_.socket; }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return connection_.socket.async_write_some(buffers, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    namespace asio = boost::asio;
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          std::string& pending = connection_.pending;
          if (pending.empty()) return connection_.socket.async_read_some(into, std::move(handler));
          const std::size_t count = asio::buffer_copy(into, asio::buffer(pending));
          pending.erase(0, count);
          if (pending.empty()) pending = {};  // its memory goes with it
          asio::post(connection_.socket.get_executor(),
                     boost::beast::bind_front_handler(std::move(handler), boost::system::error_code(), count));
        },
        token, buffers);
  }

 private:
  http::net::Connection& connection_;
};

// Beast finds these by their argument.
inline void teardown(boost::beast::role_type role, Wire& wire, boost::system::error_code& error) {
  boost::beast::websocket::teardown(role, wire.next_layer(), error);
}
template <class Handler>
void async_teardown(boost::beast::role_type role, Wire& wire, Handler&& handler) {
  boost::beast::websocket::async_teardown(role, wire.next_layer(), std::forward<Handler>(handler));
}

}  // namespace nexus::rails::net
