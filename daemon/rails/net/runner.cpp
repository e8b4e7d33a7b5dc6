#include "daemon/rails/net/runner.hpp"

#include "daemon/rails/net/sse.hpp"

namespace nexus::rails::net {
namespace {

class Runner final : public http::net::StreamRunner {
 public:
  boost::asio::awaitable<void> run(std::shared_ptr<http::net::Connection> connection,
                                   std::shared_ptr<http::net::StreamStart> start) override {
    return run_sse(std::move(connection), std::move(start));
  }
};

}  // namespace

std::unique_ptr<http::net::StreamRunner> make_runner() { return std::make_unique<Runner>(); }

}  // namespace nexus::rails::net
