// Two coroutines run on the connection's strand. One writes events and replies as they come, pings, and at last the
// close frame. The other reads frames one by one and finishes each before the next, so that messages are stored in the
// order in which they were sent. Each wakes the other through the stream.
#include <boost/beast/websocket.hpp>

#include "daemon/base/uuid.hpp"
#include "daemon/domain/feature_flags.hpp"
#include "daemon/log.hpp"
#include "daemon/rails/limits.hpp"
#include "daemon/rails/net/end_line.hpp"
#include "daemon/rails/net/runner.hpp"
#include "daemon/rails/net/wire.hpp"
#include "daemon/rails/rails.hpp"
#include "daemon/rails/ws_protocol.hpp"
#include "daemon/rails/ws_upgrade.hpp"

namespace nexus::rails::net {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::awaitable;
using boost::system::error_code;
using std::chrono::seconds;

using http::net::kAwait;
constexpr seconds kCloseTime{3};              // for the client's own close frame
constexpr std::size_t kIdleBytes = 512;       // the buffer of an idle connection
constexpr std::size_t kBusyBytes = 8 * 1024;  // the growth for a longer message
constexpr std::uint16_t kBinary = 1003;

SteadyTime now() { return std::chrono::steady_clock::now(); }

/// The caller of one frame: the stream's caller, with a new request id and the stream's trace.
Caller caller_of_frame(const Caller& stream) {
  Caller caller = stream;
  caller.request_id = uuid_v4();
  return caller;
}

RequestHead head_of(const Say& say, const ThreadId& thread) {
  RequestHead head;
  head.method = "POST";
  head.target = "/chat/threads/" + thread.str() + "/messages";
  head.fields = {{"content-type", "application/json"}};
  if (!say.ref.empty()) head.fields.emplace_back("idempotency-key", say.ref);
  head.content_length = say.body.size();
  head.has_body = true;
  return head;
}

std::optional<AuditReceipt> receipt_of(const http::Response& response) {
  const auto value = [&](std::string_view name) {
    const auto found = std::ranges::find(response.fields, name, [](const auto& field) { return field.first; });
    return found == response.fields.end() ? std::string() : found->second;
  };
  const std::string seq = value("Nexus-Audit-Seq");
  if (seq.empty()) return std::nullopt;
  return AuditReceipt{std::stoll(seq), value("Nexus-Audit-Hash")};
}

class Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(http::net::ConnectionPtr connection, std::shared_ptr<Stream> stream, http::Dispatcher& dispatcher,
         const std::optional<IpAddress>& client)
      : connection_(std::move(connection)),
        stream_(std::move(stream)),
        client_(client),
        dispatcher_(dispatcher),
        end_line_(dispatcher, stream_, client),
        ws_(*connection_),
        timer_(connection_->socket.get_executor()),
        answered_(connection_->socket.get_executor()) {
    ws_.auto_fragment(false);
    ws_.text(true);
    ws_.read_message_max(limits::ws_frame_bytes_max);
    ws_.set_option(websocket::stream_base::timeout{kCloseTime, websocket::stream_base::none(), false});
  }

  awaitable<void> run(std::shared_ptr<http::net::StreamStart> start) {
    prepare_socket(*connection_);
    stream_->begin(seconds(0), cutter(connection_));  // a WebSocket has its own heartbeat
    const bool open = co_await accept(*start);
    start.reset();
    if (!open) co_return;
    ws_.control_callback([this](websocket::frame_type kind, std::string_view) { control(kind); });
    asio::co_spawn(connection_->socket.get_executor(), listen(shared_from_this()), asio::detached);
    try {
      co_await speak();
    } catch (const std::exception& error) {  // the store could not be read: the client reconnects
      log::error("a WebSocket ended unexpectedly", {{"cause", error.what()}});
      end_line_.ended("the daemon failed");
    }
    over_ = true;
    timer_.cancel();
    answered_.cancel();
  }

 private:
  // ---- out ----------------------------------------------------------------------------------------------------------

  awaitable<bool> accept(const http::net::StreamStart& start) {
    const Upgrade upgrade = judge_upgrade(start.exchange->head);  // checked before; cannot fail
    websocket::request_type request(boost::beast::http::verb::get, "/", 11);
    namespace field = boost::beast::http;
    request.set(field::field::host, "nexusd");
    request.set(field::field::connection, "upgrade");
    request.set(field::field::upgrade, "websocket");
    request.set(field::field::sec_websocket_version, "13");
    request.set(field::field::sec_websocket_key, upgrade.key);
    ws_.set_option(websocket::stream_base::decorator([&](websocket::response_type& response) {
      response.set(field::field::server, "nexusd");
      if (upgrade.subprotocol) response.set(field::field::sec_websocket_protocol, kSubprotocol);
      for (const auto& [name, value] : start.response.fields) response.set(name, value);
    }));
    connection_->never_expire();
    const auto [error] = co_await ws_.async_accept(request, kAwait);
    ws_.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
    co_return !error;
  }

  awaitable<void> speak() {
    watch_heart();
    while (!gone_) {
      const bool answers = std::exchange(awaits_answer_, false);
      const std::vector<FramePtr> frames = stream_->take();
      co_await write(frames);
      if (answers) answered_.cancel();
      const auto close = closing();
      if (close) {
        co_await say_goodbye(*close);
        co_return;
      }
      const bool alive = co_await beat();
      if (!alive) co_return;
      if (frames.empty() && !gone_) co_await something();
    }
  }

  awaitable<void> something() {
    auto wait = [this](auto handler) {
      const auto held = std::make_shared<decltype(handler)>(std::move(handler));
      when_something(*stream_, *connection_, [held] { std::move (*held)(); });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(wait), asio::use_awaitable);
  }

  awaitable<void> write(const std::vector<FramePtr>& frames) {
    std::size_t left = frames.size();
    if (left > 1) ws_.next_layer().hold();
    for (const FramePtr& frame : frames) {
      if (gone_ || breach_ || stream_->close()) break;
      if (--left == 0) ws_.next_layer().release();
      co_await write(*frame);
    }
    ws_.next_layer().release();
    if (!frames.empty()) stream_->wrote(frames.size());
  }

  awaitable<void> write(const Frame& frame) {
    const std::array<asio::const_buffer, 2> parts{asio::buffer(frame.json()),
                                                  asio::buffer(frame.open ? stream_->ending() : kNothing)};
    connection_->expire_after(limits::body_rate_window);  // a client that reads nothing for so long is gone
    const auto [error, count] = co_await ws_.async_write(parts, kAwait);
    connection_->never_expire();
    end_line_.sent(count);
    if (error) gone_ = true;
  }

  std::optional<websocket::close_reason> closing() const {
    const auto reason = [](int code, std::string_view why) {
      return websocket::close_reason(static_cast<websocket::close_code>(code), why);
    };
    if (breach_) return reason(breach_->code, breach_->reason);
    const auto close = stream_->close();
    return close ? std::optional(reason(close->code, close->reason)) : std::nullopt;
  }

  awaitable<void> say_goodbye(websocket::close_reason reason) {
    if (breach_) end_line_.ended(breach_->reason, breach_->code);
    if (const auto close = stream_->close()) end_line_.ended(close->reason, close->code);
    stream_->give_place_back();
    if (!gone_) co_await ws_.async_close(reason, kAwait);
  }

  /// Returns false when the client did not answer the last ping.
  awaitable<bool> beat() {
    const Heartbeat::Step step = heart_.step(now());
    if (step == Heartbeat::Step::wait) co_return true;
    if (step == Heartbeat::Step::gone) {
      end_line_.ended("the client answered no ping");
      co_return false;
    }
    const auto [error] = co_await ws_.async_ping({}, kAwait);
    if (error) gone_ = true;
    watch_heart();
    co_return true;
  }

  void watch_heart() {
    timer_.expires_at(heart_.next());
    timer_.async_wait([held = weak_from_this()](error_code error) {
      const auto self = held.lock();
      if (error || !self) return;
      self->stream_->wake();
      if (self->heart_.next() > now()) self->watch_heart();
    });
  }

  // ---- in -----------------------------------------------------------------------------------------------------------

  awaitable<void> listen(std::shared_ptr<Socket> self) {
    try {
      co_await read_frames();
    } catch (const std::exception& error) {
      log::error("a WebSocket ended unexpectedly", {{"cause", error.what()}});
      self->gone_ = true;
    }
    self->stream_->wake();
  }

  /// Reads until the connection ends, or a frame ends it.
  awaitable<void> read_frames() {
    std::string message;
    while (true) {
      const std::size_t had = message.size();
      message.resize(had + (had == 0 ? kIdleBytes : kBusyBytes));
      const auto [error, got] =
          co_await ws_.async_read_some(asio::buffer(message.data() + had, message.size() - had), kAwait);
      message.resize(had + got);
      if (error) {
        gone_ = true;
        if (error == websocket::error::closed) end_line_.ended("the client closed it", ws_.reason().code);
        co_return;
      }
      if (ws_.got_binary()) {
        breach_ = Breach{kBinary, "frames are text"};
        co_return;
      }
      if (!ws_.is_message_done()) continue;
      count_frame();
      const ClientFrame frame = judge_frame(message);
      message.clear();
      if (message.capacity() > kBusyBytes) std::exchange(message, {});
      if (const auto* breach = std::get_if<Breach>(&frame)) breach_ = *breach;
      if (breach_ || stream_->close()) co_return;
      if (const auto* say = std::get_if<Say>(&frame))
        co_await post(*say);
      else
        take(frame);
      co_await answer_written();
    }
  }

  /// Reads no further frame until the answer was written. So a client that does not read its answers is not read
  /// either, and replies keep the order of the frames.
  awaitable<void> answer_written() {
    awaits_answer_ = true;
    answered_.expires_at(SteadyTime::max());
    stream_->wake();
    if (!over_) co_await answered_.async_wait(kAwait);
  }

  // ---- what the client's frames ask for. Replies go into the stream's own queue, within the bounds of its events, so
  // that a client that does not read them ends as too slow.

  /// Runs the HTTP request that equals the message.
  awaitable<void> post(const Say& say) {
    const http::ExchangePtr exchange = dispatcher_.admission().admit_within(caller_of_frame(stream_->caller()), client_,
                                                                            head_of(say, stream_->address().thread));
    http::Response response;
    if (exchange->settled) {
      response = std::move(*exchange->settled);
    } else {
      const http::net::Start start = [&](const http::Done& done) { dispatcher_.run(exchange, say.body, done); };
      response = co_await http::net::answer_of(start, connection_->socket.get_executor());
    }
    dispatcher_.answers().finish(*exchange, response);
    Json json = parse_or_discard(response.body);
    const bool done = response.status / 100 == 2;
    const auto receipt = receipt_of(response);
    stream_->reply(done ? ack_frame(say.ref, json, receipt) : error_frame(say.ref, std::move(json), receipt));
  }

  void take(const ClientFrame& frame) {
    if (std::holds_alternative<Ping>(frame)) stream_->reply(pong_frame());
    if (std::holds_alternative<PresencePing>(frame)) stream_->tell_presence();
    if (const auto* gesture = std::get_if<Gesture>(&frame)) pass_on(*gesture);
    if (const auto* objection = std::get_if<Objection>(&frame)) object(objection->ref, objection->problem);
  }

  /// A gesture requires the same role as a message, and the same switches stop it.
  const http::Route& message_route() {
    const auto match =
        dispatcher_.routes().match("POST", "/chat/threads/" + stream_->address().thread.str() + "/messages");
    if (match.route == nullptr) throw std::logic_error("there is no route of messages");
    return *match.route;
  }

  void pass_on(const Gesture& gesture) {
    const Caller caller = caller_of_frame(stream_->caller());
    bool kept = false;
    try {
      auto lease = stream_->rails().database().read();
      const auto refused = [stream = stream_](const http::Response& response) {
        stream->reply(error_frame({}, parse_or_discard(response.body), receipt_of(response)));
      };
      if (!dispatcher_.reads().allows(lease.reader(), message_route(), caller, refused)) return;
      kept = domain::read_flags(lease.reader(), caller.realm()).in_force().gesture_logging;
    } catch (const Problem& problem) {
      return object({}, problem);
    }
    if (kept)
      dispatcher_.reads().events().record(caller, "chat",
                                          {{.event_type = "gesture",
                                            .asset_type = "thread",
                                            .asset_id = stream_->address().thread.str(),
                                            .input = gesture.data,
                                            .input_names = audit::Names::clients}});
    stream_->gesture(gesture.data);
  }

  void object(std::string_view ref, const Problem& problem) {
    const auto response = http::problem_response(problem, uuid_v4(), stream_->caller().trace_id);
    stream_->reply(error_frame(ref, parse_own_json(response.body)));
  }

  void control(websocket::frame_type kind) {
    if (kind == websocket::frame_type::pong) heart_.pong();
    count_frame();
  }

  void count_frame() {
    if (meter_.count(now())) stream_->end(End::flood);
  }

  static inline const std::string kNothing;

  http::net::ConnectionPtr connection_;
  std::shared_ptr<Stream> stream_;
  const std::optional<IpAddress> client_;  // for the log alone
  http::Dispatcher& dispatcher_;
  EndLine end_line_;
  websocket::stream<Wire, false> ws_;
  asio::steady_timer timer_;
  asio::steady_timer answered_;  // never expires; cancelled when an answer is written
  Heartbeat heart_{now()};
  FrameMeter meter_;
  std::optional<Breach> breach_;  // by a frame of the client
  bool gone_ = false;             // nothing can be written any more
  bool over_ = false;             // nothing will be written any more
  bool awaits_answer_ = false;    // the reader waits for the writer
};

/// The seat ends with it, also where a failed allocation ends it from outside.
awaitable<void> run(http::net::Seat seat, std::shared_ptr<Socket> socket,
                    std::shared_ptr<http::net::StreamStart> start) {
  try {
    co_await socket->run(std::move(start));
  } catch (const std::exception& error) {
    log::error("a WebSocket ended unexpectedly", {{"cause", error.what()}});
  }
  seat.leave();
}

}  // namespace

void run_websocket(http::net::Seat seat, std::shared_ptr<http::net::StreamStart> start, http::Dispatcher& dispatcher) {
  auto stream = std::static_pointer_cast<Stream>(start->response.opens);
  const auto socket =
      std::make_shared<Socket>(seat.connection(), std::move(stream), dispatcher, start->exchange->client);
  const auto executor = seat.connection()->socket.get_executor();
  asio::co_spawn(executor, run(std::move(seat), socket, std::move(start)), asio::detached);
}

}  // namespace nexus::rails::net
