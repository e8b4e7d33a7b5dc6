#include "tests/bench/bare_server.hpp"

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <thread>
#include <vector>

namespace nexus::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;
using asio::ip::tcp;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// Each co_await stands in a statement of its own: GCC 12 miscompiles some that stand in conditions.
awaitable<void> converse(tcp::socket socket, const std::string& body) {
  beast::flat_buffer buffer;
  while (true) {
    http::request<http::string_body> request;
    const auto [failed, got] = co_await http::async_read(socket, buffer, request, kAwait);
    if (failed) co_return;
    http::response<http::string_body> response(http::status::ok, 11);
    response.set(http::field::content_type, "application/json");
    response.keep_alive(true);
    response.body() = body;
    response.prepare_payload();
    const auto [broken, sent] = co_await http::async_write(socket, response, kAwait);
    if (broken) co_return;
  }
}

awaitable<void> accept(asio::io_context& io, tcp::acceptor& acceptor, const std::string& body) {
  while (true) {
    auto [failed, socket] = co_await acceptor.async_accept(asio::make_strand(io), kAwait);
    if (failed) co_return;
    socket.set_option(tcp::no_delay(true));
    const auto executor = socket.get_executor();
    asio::co_spawn(executor, converse(std::move(socket), body), asio::detached);
  }
}

}  // namespace

struct BareServer::State {
  explicit State(std::string text)
      : body(std::move(text)), acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}
  std::string body;
  asio::io_context io;
  tcp::acceptor acceptor;
  std::vector<std::thread> threads;
};

BareServer::BareServer(std::string body, int threads) : state_(std::make_unique<State>(std::move(body))) {
  asio::co_spawn(state_->io, accept(state_->io, state_->acceptor, state_->body), asio::detached);
  for (int i = 0; i < threads; ++i) state_->threads.emplace_back([this] { state_->io.run(); });
}

BareServer::~BareServer() {
  state_->io.stop();
  for (auto& thread : state_->threads) thread.join();
}

int BareServer::port() const { return state_->acceptor.local_endpoint().port(); }

}  // namespace nexus::bench
