// Server-sent events on the connection of a stream. Written with callbacks, because the frames of waiting coroutines
// would be half of what an idle stream holds. What comes from the client is dropped.
#include <boost/beast/core/buffers_suffix.hpp>

#include "daemon/http/net/wire.hpp"
#include "daemon/log.hpp"
#include "daemon/rails/limits.hpp"
#include "daemon/rails/net/end_line.hpp"
#include "daemon/rails/net/runner.hpp"
#include "daemon/rails/sse_bytes.hpp"
#include "daemon/rails/stream.hpp"

namespace nexus::rails::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kIgnoredBytesMax = 4096;  // that a client may send on a stream, although nothing reads it
constexpr std::chrono::seconds kGoodbye{3};

/// Whoever will go on holds it: the write that is under way, or the stream that wakes it. Where a failed allocation
/// drops that, the connection ends.
class Sse : public std::enable_shared_from_this<Sse> {
 public:
  Sse(http::net::Seat seat, std::shared_ptr<Stream> stream, http::Dispatcher& dispatcher,
      const std::optional<IpAddress>& client)
      : seat_(std::move(seat)), stream_(std::move(stream)), end_line_(dispatcher, stream_, client) {}

  void run(std::string head) {
    prepare_socket(*seat_.connection());
    stream_->begin(limits::sse_comment_interval, cutter(seat_.connection()));
    watch();
    const bool written = write_text(std::move(head));
    if (written) go_on();
  }

 private:
  asio::ip::tcp::socket& socket() { return seat_.connection()->socket; }

  /// Writes until it has to wait.
  void go_on() {
    try {
      while (!gone_) {
        const bool done = step();
        if (!done) return;
      }
    } catch (const std::exception& error) {  // the store could not be read: the client reconnects
      log::error("a stream ended unexpectedly", {{"cause", error.what()}});
      end_line_.ended("the daemon failed");
    }
    gone_ = true;
    seat_.leave();
  }

  /// Returns false when it has to wait, for the client or for something to write.
  bool step() {
    if (const auto close = stream_->close()) return say(*close);
    frames_ = stream_->take();
    if (!frames_.empty()) return write_frames();
    if (stream_->beat_is_due()) return write_text(std::string(kSseComment));
    when_something(*stream_, *seat_.connection(), [self = shared_from_this()] { self->go_on(); });
    return false;
  }

  bool say(const Close& close) {
    if (said_) gone_ = true;
    if (std::exchange(said_, true)) return true;
    stream_->give_place_back();
    seat_.connection()->expire_after(kGoodbye);
    return write_text(sse_close(close));
  }

  bool write_frames() {
    std::vector<asio::const_buffer> parts;
    parts.reserve(frames_.size() * 3);
    for (const FramePtr& frame : frames_) {
      parts.push_back(asio::buffer(frame->text));
      if (frame->open) parts.push_back(asio::buffer(stream_->ending()));
      parts.push_back(asio::buffer(kSseEnd));
    }
    return write(std::move(parts));
  }

  bool write_text(std::string text) {
    text_ = std::move(text);
    return write({asio::buffer(text_)});
  }

  /// Nearly all bytes fit the kernel's buffer and need no waiting.
  bool write(std::vector<asio::const_buffer> parts) {
    boost::beast::buffers_suffix<std::vector<asio::const_buffer>> rest(std::move(parts));
    error_code error;
    const std::size_t sent = socket().write_some(rest, error);
    rest.consume(sent);
    end_line_.sent(sent);
    if (error == asio::error::would_block || error == asio::error::try_again) error.clear();
    if (error || asio::buffer_size(rest) == 0) return wrote(error);
    asio::async_write(socket(), rest, [self = shared_from_this()](error_code failed, std::size_t more) {
      self->end_line_.sent(more);
      self->wrote(failed);
      self->go_on();
    });
    return false;
  }

  bool wrote(error_code error) {
    if (error) gone_ = true;
    stream_->wrote(std::exchange(frames_, {}).size());
    std::exchange(text_, {});
    return true;
  }

  /// A client sends nothing on such a stream: what can be read is mostly its end.
  void watch() {
    socket().async_wait(asio::socket_base::wait_read, [held = weak_from_this()](error_code error) {
      const auto self = held.lock();
      if (!self || self->gone_) return;
      if (error || !self->goes_on()) return self->end();
      self->watch();
    });
  }

  bool goes_on() {
    std::array<char, 512> sink{};
    error_code error;
    while (!error) {
      ignored_ += socket().read_some(asio::buffer(sink), error);
      if (ignored_ <= kIgnoredBytesMax) continue;
      end_line_.ended("the client sent something");
      return false;
    }
    return error == asio::error::would_block || error == asio::error::try_again;
  }

  void end() {
    gone_ = true;
    seat_.leave();
    stream_->wake();
  }

  http::net::Seat seat_;
  const std::shared_ptr<Stream> stream_;
  EndLine end_line_;
  std::vector<FramePtr> frames_;  // that are being written
  std::string text_;              // that is being written
  std::size_t ignored_ = 0;
  bool said_ = false;  // why the stream ends
  bool gone_ = false;  // nothing can be written any more; on the strand
};

}  // namespace

void run_sse(http::net::Seat seat, std::shared_ptr<http::net::StreamStart> start, http::Dispatcher& dispatcher) {
  auto stream = std::static_pointer_cast<Stream>(start->response.opens);
  std::string head = http::net::head_text(start->response, false) + sse_retry();
  const std::optional<IpAddress> client = start->exchange->client;
  start.reset();
  std::make_shared<Sse>(std::move(seat), std::move(stream), dispatcher, client)->run(std::move(head));
}

}  // namespace nexus::rails::net
