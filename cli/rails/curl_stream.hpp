// A connection for the rails, as a stream type of Boost.Beast. libcurl connects (names, proxies, TLS and trust are the
// same as for every request); Asio waits for the socket. Plain and TLS share one type, so that Beast's templates are
// compiled once. Single-threaded: everything runs on the thread of the io_context.
#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/system/error_code.hpp>

#include "cli/engine/client.hpp"

namespace nexus::cli {

class CurlStream {
 public:
  using executor_type = boost::asio::io_context::executor_type;
  using Error = boost::system::error_code;
  using Done = std::function<void(Error, std::size_t)>;

  explicit CurlStream(boost::asio::io_context& io);
  ~CurlStream();
  CurlStream(const CurlStream&) = delete;
  CurlStream& operator=(const CurlStream&) = delete;

  executor_type get_executor() { return io_.get_executor(); }

  /// Connects to the exchange's server until `end`, through a tunnel where a proxy is used. Blocks; handlers of the
  /// io_context run meanwhile. Once `stopped` is true it gives up and returns false. Throws a TransportError.
  bool connect(const Exchange& exchange, std::chrono::steady_clock::time_point end,
               const std::function<bool()>& stopped);
  /// Ends the connection at once; running operations end with an error.
  void cut();

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(Error, std::size_t)>(
        [this](auto handler, boost::asio::mutable_buffer into) {
          receive(connection_, into, erased(std::move(handler)));
        },
        token, first_of(buffers));
  }

  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(Error, std::size_t)>(
        [this](auto handler, std::string bytes) { send(connection_, std::move(bytes), erased(std::move(handler))); },
        token, gathered(buffers));
  }

 private:
  template <typename Handler>
  static Done erased(Handler handler) {
    auto shared = std::make_shared<Handler>(std::move(handler));  // std::function needs copies, handlers allow none
    return [shared](Error error, std::size_t count) { (*shared)(error, count); };
  }

  template <typename Buffers>
  static boost::asio::mutable_buffer first_of(const Buffers& buffers) {
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers); ++it)
      if (boost::asio::mutable_buffer(*it).size() > 0) return *it;
    return {};
  }

  /// A frame's head and its text in one piece, up to 64 KiB.
  template <typename Buffers>
  static std::string gathered(const Buffers& buffers) {
    std::string bytes(std::min<std::size_t>(boost::asio::buffer_size(buffers), 64 * 1024), '\0');
    boost::asio::buffer_copy(boost::asio::buffer(bytes), buffers);
    return bytes;
  }

  struct Connection;
  using Shared = std::shared_ptr<Connection>;  // with the running operations, which may outlive the stream
  static void receive(const Shared& connection, boost::asio::mutable_buffer into, Done done);
  static void send(const Shared& connection, std::string bytes, Done done);

  boost::asio::io_context& io_;
  Shared connection_;
};

// What Beast's WebSocket requires of a custom stream. The close frames have been sent by then.
inline void beast_close_socket(CurlStream& connection) { connection.cut(); }

template <typename Handler>
void async_teardown(boost::beast::role_type, CurlStream& connection, Handler&& handler) {
  connection.cut();
  boost::asio::post(
      connection.get_executor(),
      [done = std::decay_t<Handler>(std::forward<Handler>(handler))]() mutable { done(CurlStream::Error()); });
}

}  // namespace nexus::cli
