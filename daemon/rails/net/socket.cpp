#include "daemon/rails/net/socket.hpp"

#include <netinet/tcp.h>

#include "daemon/base/crypto.hpp"

namespace nexus::rails::net {

namespace asio = boost::asio;

void prepare_socket(http::net::Connection& connection) {
  constexpr int send_buffer_bytes = 64 * 1024;
  constexpr int unacknowledged_millis = 60'000;
  boost::system::error_code ignored;
  connection.socket.non_blocking(true, ignored);
  connection.socket.set_option(asio::socket_base::send_buffer_size(send_buffer_bytes), ignored);
  using UserTimeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
  connection.socket.set_option(UserTimeout(unacknowledged_millis), ignored);
}

std::function<void()> cutter(const std::shared_ptr<http::net::Connection>& connection) {
  return [weak = std::weak_ptr(connection)] {
    if (const auto held = weak.lock()) held->cut();
  };
}

asio::awaitable<void> something(std::shared_ptr<Stream> stream, asio::any_io_executor executor) {
  auto wait = [stream, executor](auto handler) {
    const auto held = std::make_shared<decltype(handler)>(std::move(handler));
    stream->wait([held, executor] { asio::post(executor, [held] { std::move (*held)(); }); });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(wait), asio::use_awaitable);
}

int retry_millis() {
  const std::string bytes = random_bytes(2);
  const int drawn = static_cast<unsigned char>(bytes[0]) * 256 + static_cast<unsigned char>(bytes[1]);
  return 1000 + drawn % 2001;
}

}  // namespace nexus::rails::net
