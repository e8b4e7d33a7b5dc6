#include "cli/rails/curl_stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "cli/engine/http_handle.hpp"

namespace nexus::cli {

namespace asio = boost::asio;
using Waiter = asio::posix::stream_descriptor;

struct CurlStream::Connection {
  explicit Connection(asio::io_context& io) : multi(curl_multi_init()), socket(io) {
    if (multi == nullptr) throw std::runtime_error("libcurl cannot be set up");
  }
  ~Connection() {
    curl_multi_remove_handle(multi, handle.get());
    curl_multi_cleanup(multi);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// What libcurl's own driver ended with.
  CURLcode outcome() const {
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi, &left);
    return message != nullptr ? message->data.result : CURLE_FAILED_INIT;
  }

  void cut() {
    over = true;
    if (!socket.is_open()) return;
    ::shutdown(socket.native_handle(), SHUT_RDWR);
    Error ignored;
    socket.cancel(ignored);
  }

  void complete(Done done, Error error, std::size_t count) {
    asio::post(socket.get_executor(), [done = std::move(done), error, count] { done(error, count); });
  }

  HttpHandle handle;
  CURLM* multi;
  Waiter socket;  // a duplicate, to wait with; the connection itself is libcurl's
  bool over = false;
};

void CurlStream::receive(const Shared& self, asio::mutable_buffer into, Done done) {
  if (self->over) return self->complete(std::move(done), asio::error::operation_aborted, 0);
  std::size_t count = 0;
  const CURLcode code = curl_easy_recv(self->handle.get(), into.data(), into.size(), &count);
  if (code == CURLE_AGAIN) {
    return self->socket.async_wait(Waiter::wait_read, [self, into, done = std::move(done)](Error error) mutable {
      if (error || self->over) return done(asio::error::operation_aborted, 0);  // `into` may point to freed memory
      receive(self, into, std::move(done));
    });
  }
  const Error error = code != CURLE_OK ? asio::error::connection_reset : count == 0 ? Error(asio::error::eof) : Error();
  self->complete(std::move(done), error, count);
}

void CurlStream::send(const Shared& self, std::string bytes, Done done) {
  if (self->over) return self->complete(std::move(done), asio::error::operation_aborted, 0);
  std::size_t count = 0;
  const CURLcode code = curl_easy_send(self->handle.get(), bytes.data(), bytes.size(), &count);
  if (code == CURLE_AGAIN) {
    return self->socket.async_wait(Waiter::wait_write,
                                   [self, bytes = std::move(bytes), done = std::move(done)](Error error) mutable {
                                     if (error || self->over) return done(asio::error::operation_aborted, 0);
                                     send(self, std::move(bytes), std::move(done));
                                   });
  }
  self->complete(std::move(done), code == CURLE_OK ? Error() : Error(asio::error::broken_pipe), count);
}

CurlStream::CurlStream(asio::io_context& io) : io_(io), connection_(std::make_shared<Connection>(io)) {}
CurlStream::~CurlStream() { cut(); }

bool CurlStream::connect(const Exchange& exchange, std::chrono::steady_clock::time_point end,
                         const std::function<bool()>& stopped) {
  using std::chrono::milliseconds;
  constexpr int look_every_ms = 50;  // a signal is noticed within this time
  HttpHandle& handle = connection_->handle;
  const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
  handle.aim(exchange, std::max(left, milliseconds(1)));
  handle.set(CURLOPT_CONNECT_ONLY, 1L);
  handle.set(CURLOPT_HTTPPROXYTUNNEL, 1L);  // a stream is tunnelled through a proxy
  curl_multi_add_handle(connection_->multi, handle.get());
  for (int running = 1; running > 0;) {
    io_.restart();
    io_.poll();
    if (stopped()) return false;
    curl_multi_perform(connection_->multi, &running);
    if (running > 0) curl_multi_poll(connection_->multi, nullptr, 0, look_every_ms, nullptr);
  }
  if (const CURLcode code = connection_->outcome(); code != CURLE_OK) throw handle.failure(code, exchange, false);
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle.get(), CURLINFO_ACTIVESOCKET, &socket);
  const int waiting = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (waiting < 0) throw TransportError("the connection to " + exchange.url.origin() + " broke", false);
  connection_->socket.assign(waiting);
  return true;
}

void CurlStream::cut() { connection_->cut(); }

}  // namespace nexus::cli
