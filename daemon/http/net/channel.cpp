#include "daemon/http/net/channel.hpp"

#include <array>
#include <boost/beast/core/buffers_suffix.hpp>

#include "daemon/limits.hpp"

namespace nexus::http::net {
namespace {

using asio::awaitable;
using boost::system::error_code;

constexpr std::chrono::seconds kLinger{2};

bool is_later(const error_code& error) { return error == asio::error::would_block || error == asio::error::try_again; }

}  // namespace

awaitable<bool> Channel::read_more(std::size_t most) {
  std::string& pending = connection_.pending;
  const std::size_t had = pending.size();
  if (pending.capacity() > had + kSmallReadBytes) pending.shrink_to_fit();
  error_code error = asio::error::would_block;
  while (is_later(error)) {
    if (most > kSmallReadBytes) {
      const auto [failed] = co_await connection_.socket.async_wait(tcp::socket::wait_read, kAwait);
      error = failed;
      if (error) break;
    }
    pending.resize(had + most);
    const auto into = asio::buffer(pending.data() + had, most);
    std::size_t got = 0;
    if (most > kSmallReadBytes) {
      got = connection_.socket.read_some(into, error);
    } else {
      const auto [failed, count] = co_await connection_.socket.async_read_some(into, kAwait);
      error = failed;
      got = count;
    }
    pending.resize(had + got);
  }
  if (error == asio::error::operation_aborted && connection_.expired(Clock::now())) co_return false;
  if (error) throw Gone{};
  co_return true;
}

awaitable<void> Channel::write(asio::const_buffer head, asio::const_buffer body, HeldBytes::Part& held) {
  boost::beast::buffers_suffix<std::array<asio::const_buffer, 2>> rest(std::array{head, body});
  error_code failed;
  rest.consume(connection_.socket.write_some(rest, failed));
  if (is_later(failed)) failed.clear();
  if (!failed && asio::buffer_size(rest) > 0) {
    held.cover(head.size() + body.size());
    connection_.expire_after(limits::body_rate_window);
    const auto [error, count] = co_await asio::async_write(connection_.socket, rest, kAwait);
    failed = error;
  }
  if (failed) throw Gone{};
}

void Channel::say_no_memory() {
  static constexpr std::string_view answer =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: 284\r\n"
      "Retry-After: 1\r\nX-Request-Id: no-memory\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
      "Connection: close\r\n\r\n"
      R"({"type":"/problems/store.busy","title":"The store is busy","status":503,"detail":"the daemon has no memory )"
      R"(left: try again, and a change under the same Idempotency-Key, because it may have been made",)"
      R"("code":"store.busy","request_id":"no-memory","trace_id":"no-memory","retry_after":1})";
  error_code ignored;
  connection_.socket.write_some(asio::buffer(answer), ignored);
}

awaitable<void> Channel::linger() {
  error_code ignored;
  connection_.socket.shutdown(tcp::socket::shutdown_send, ignored);
  connection_.expire_after(kLinger);
  std::array<char, 16384> sink{};
  while (!connection_.expired(Clock::now())) {
    const auto [error, got] = co_await connection_.socket.async_read_some(asio::buffer(sink), kAwait);
    if (error) co_return;
  }
}

}  // namespace nexus::http::net
