// Server-sent events on the connection of a stream. One coroutine writes; what comes from the client is dropped.
#include <boost/beast/core/buffers_suffix.hpp>

#include "daemon/http/net/wire.hpp"
#include "daemon/rails/limits.hpp"
#include "daemon/rails/net/runner.hpp"
#include "daemon/rails/sse_bytes.hpp"
#include "daemon/rails/stream.hpp"

namespace nexus::rails::net {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using boost::system::error_code;
using http::net::Connection;

using http::net::kAwait;
constexpr std::size_t kIgnoredBytesMax = 4096;  // that a client may send on a stream, although nothing reads it
constexpr std::chrono::seconds kGoodbye{3};

class Sse : public std::enable_shared_from_this<Sse> {
 public:
  Sse(std::shared_ptr<Connection> connection, std::shared_ptr<Stream> stream)
      : connection_(std::move(connection)), stream_(std::move(stream)) {}

  awaitable<void> run(std::string head) {
    prepare_socket(*connection_);
    stream_->begin(limits::sse_comment_interval, cutter(connection_));
    watch();
    co_await write_text(std::move(head));
    while (!gone_) {
      if (const auto close = stream_->close()) {
        stream_->give_place_back();
        connection_->expire_after(kGoodbye);
        co_await write_text(sse_close(*close));
        break;
      }
      const bool wrote = co_await write_what_is_due();
      if (!wrote && !gone_) co_await something(stream_, connection_->socket.get_executor());
    }
    gone_ = true;
    error_code ignored;
    connection_->socket.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    connection_->socket.close(ignored);
  }

 private:
  /// Returns false when there was nothing to write.
  awaitable<bool> write_what_is_due() {
    const std::vector<FramePtr> frames = stream_->take();
    if (!frames.empty()) {
      co_await write_frames(frames);
      co_return true;
    }
    const bool beat = stream_->beat_is_due();
    if (beat) co_await write_text(std::string(kSseComment));
    co_return beat;
  }

  awaitable<void> write_frames(const std::vector<FramePtr>& frames) {
    std::vector<asio::const_buffer> parts;
    parts.reserve(frames.size() * 3);
    for (const FramePtr& frame : frames) {
      parts.push_back(asio::buffer(frame->text));
      if (frame->open) parts.push_back(asio::buffer(stream_->ending()));
      parts.push_back(asio::buffer(kSseEnd));
    }
    co_await write(std::move(parts));
    stream_->wrote(frames.size());
  }

  awaitable<void> write_text(std::string text) {
    std::vector<asio::const_buffer> parts{asio::buffer(text)};
    co_await write(std::move(parts));
    stream_->wrote(0);
  }

  /// Nearly all bytes fit the kernel's buffer and need no waiting.
  awaitable<void> write(std::vector<asio::const_buffer> parts) {
    boost::beast::buffers_suffix<std::vector<asio::const_buffer>> rest(std::move(parts));
    error_code error;
    rest.consume(connection_->socket.write_some(rest, error));
    if (error == asio::error::would_block || error == asio::error::try_again) error = {};
    if (!error && asio::buffer_size(rest) > 0) {
      const auto [failed, count] = co_await asio::async_write(connection_->socket, rest, kAwait);
      error = failed;
    }
    if (error) gone_ = true;
  }

  /// A client sends nothing on such a stream: what can be read is mostly its end.
  void watch() {
    connection_->socket.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](error_code error) {
      if (self->gone_) return;
      if (error || !self->goes_on()) return self->end();
      self->watch();
    });
  }

  bool goes_on() {
    std::array<char, 512> sink{};
    error_code error;
    while (!error) {
      ignored_ += connection_->socket.read_some(asio::buffer(sink), error);
      if (ignored_ > kIgnoredBytesMax) return false;
    }
    return error == asio::error::would_block || error == asio::error::try_again;
  }

  void end() {
    gone_ = true;
    error_code ignored;
    connection_->socket.close(ignored);
    stream_->wake();
  }

  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<Stream> stream_;
  std::size_t ignored_ = 0;
  bool gone_ = false;  // nothing can be written any more; on the strand
};

}  // namespace

awaitable<void> run_sse(std::shared_ptr<Connection> connection, std::shared_ptr<http::net::StreamStart> start) {
  auto stream = std::static_pointer_cast<Stream>(start->response.opens);
  std::string head = http::net::head_text(start->response, false) + sse_retry();
  start.reset();
  const auto sse = std::make_shared<Sse>(std::move(connection), std::move(stream));
  co_await sse->run(std::move(head));
}

}  // namespace nexus::rails::net
