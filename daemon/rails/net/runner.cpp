#include "daemon/rails/net/runner.hpp"

namespace nexus::rails::net {
namespace {

class Runner final : public http::net::StreamRunner {
 public:
  boost::asio::awaitable<void> run(std::shared_ptr<http::net::Connection> connection,
                                   std::shared_ptr<http::net::StreamStart> start,
                                   http::Dispatcher& dispatcher) override {
    const auto& route = *start->exchange->route;
    if (std::get<http::StreamHandler>(route.handler).transport == http::StreamHandler::Transport::websocket)
      return run_websocket(std::move(connection), std::move(start), dispatcher);
    return run_sse(std::move(connection), std::move(start));
  }
};

}  // namespace

std::unique_ptr<http::net::StreamRunner> make_runner() { return std::make_unique<Runner>(); }

}  // namespace nexus::rails::net
