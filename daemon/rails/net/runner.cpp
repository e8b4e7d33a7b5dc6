#include "daemon/rails/net/runner.hpp"

#include <netinet/tcp.h>

#include "daemon/base/insist.hpp"
#include "daemon/rails/problems.hpp"

namespace nexus::rails::net {

namespace asio = boost::asio;

namespace {

class Runner final : public http::net::StreamRunner {
 public:
  void take_over(http::net::Seat seat, std::shared_ptr<http::net::StreamStart> start,
                 http::Dispatcher& dispatcher) override {
    const auto& route = *start->exchange->route;
    if (std::get<http::StreamHandler>(route.handler).transport == http::StreamHandler::Transport::websocket)
      return run_websocket(std::move(seat), std::move(start), dispatcher);
    run_sse(std::move(seat), std::move(start), dispatcher);
  }

  Problem no_place() const override {
    return Problem(problems::stream_no_place, "only the last places for connections are left, and they are no streams'")
        .with_retry_after(5);
  }
};

}  // namespace

void prepare_socket(http::net::Connection& connection) {
  constexpr int send_buffer_bytes = 64 * 1024;
  constexpr int unacknowledged_millis = 60'000;
  boost::system::error_code ignored;
  connection.socket.set_option(asio::socket_base::send_buffer_size(send_buffer_bytes), ignored);
  using UserTimeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
  connection.socket.set_option(UserTimeout(unacknowledged_millis), ignored);
}

std::function<void()> cutter(const std::shared_ptr<http::net::Connection>& connection) {
  return [weak = std::weak_ptr(connection)] {
    if (const auto held = weak.lock()) held->cut();
  };
}

void when_something(Stream& stream, http::net::Connection& connection, std::function<void()> task) {
  // What the task holds must not end on the thread that wakes the stream, which may hold locks of the hub. So the
  // strand takes it out of what both hold.
  const auto held = std::make_shared<std::function<void()>>(std::move(task));
  stream.wait([held, &connection] {
    insist([&] { asio::post(connection.socket.get_executor(), [held] { std::exchange(*held, nullptr)(); }); });
  });
}

std::unique_ptr<http::net::StreamRunner> make_runner() { return std::make_unique<Runner>(); }

}  // namespace nexus::rails::net
