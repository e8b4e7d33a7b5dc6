#include "cli/rails/rail_client.hpp"

#include <unistd.h>

#include <array>
#include <csignal>
#include <deque>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "cli/engine/failure.hpp"
#include "cli/rails/curl_stream.hpp"
#include "cli/rails/descriptor_watch.hpp"
#include "cli/rails/line_editor.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Clock = std::chrono::steady_clock;
using Error = boost::system::error_code;
using Socket = websocket::stream<CurlStream, false>;  // nothing is compressed
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::chrono::seconds kSilenceMax{45};  // the daemon comments every 15 s, and pings every 25 s
constexpr std::size_t kRefusalBytesMax = 1u << 20;
constexpr std::size_t kMessageBytesMax = 8u << 20;

std::string host_field(const Url& url) {
  const std::string origin = url.origin();
  return origin.substr(origin.find("://") + 3);
}

RailEnd dropped(const std::string& what, const Url& url, Error error) {
  std::string why = what + " " + url.origin();
  if (error) why += " (" + error.message() + ")";
  return {.kind = RailEnd::Kind::dropped, .why = why};
}

template <class Message>
Response convert(const Message& from, std::string body) {
  Response to;
  to.status = from.result_int();
  to.body = std::move(body);
  for (const auto& field : from)
    to.headers[lower_ascii({field.name_string().data(), field.name_string().size()})] = field.value();
  return to;
}

}  // namespace

struct RailClient::Impl {
  asio::io_context io{1};
  asio::signal_set signals{io};
  asio::steady_timer timer{io};     // of a pause
  asio::steady_timer patience{io};  // of a stream
  asio::steady_timer bound{io};     // of everything, as `finish_at` set it
  DescriptorWatch output_watch{STDOUT_FILENO, DescriptorWatch::Event::reader_gone};
  asio::posix::stream_descriptor output{io};
  bool late = false;       // the waiting time is over
  bool over = false;       // `bound` has passed
  bool abandoned = false;  // the reader of standard output has gone
  int signal = 0;
  bool finishing = false;
  std::function<void()> cut;      // ends the connection under the running stream
  std::function<void()> goodbye;  // closes a WebSocket with a frame
  std::deque<std::string> outgoing;
  std::function<void()> pump;          // writes the waiting frames, when nothing is being written
  std::unique_ptr<LineEditor> editor;  // while lines are read from a terminal
  bool writing = false;

  Impl() {
    signals.add(SIGINT);
    signals.add(SIGTERM);
    signals.async_wait([this](Error error, int number) {
      if (error) return;
      signal = number;
      stop();
    });
    watch_output();
  }

  /// Ends the running stream or pause.
  void stop() {
    timer.cancel();
    if (cut) cut();
  }
  bool stopped() const { return signal != 0 || over || abandoned; }

  /// A pipe tells of itself when its reader has gone, before anything is written to it. A file has no reader.
  void watch_output() {
    if (!output_watch.waits()) return;
    output.assign(output_watch.duplicate());
    output.async_wait(asio::posix::stream_descriptor::wait_read, [this](Error error) {
      if (error) return;
      abandoned = true;
      stop();
    });
  }

  void finish_at(Clock::time_point end) {
    bound.expires_at(end);
    bound.async_wait([this](Error error) {
      if (error || Clock::now() < bound.expiry()) return;  // prolonged meanwhile
      over = true;
      stop();
    });
  }

  /// What ended a stream or a pause beside the stream itself.
  std::optional<RailEnd> ended_from_outside() const {
    if (abandoned) throw Failure(Exit::broken_pipe, "the reader of standard output has gone");
    if (signal != 0) return interrupted();
    if (over || finishing) return RailEnd{.kind = RailEnd::Kind::finished};
    return std::nullopt;
  }

  RailEnd interrupted() const { return {.kind = RailEnd::Kind::interrupted, .code = signal}; }
  Error why(Error error) const { return late ? Error(asio::error::timed_out) : error; }

  /// Connects, and runs `task` on the connection until it ends. Everything until the stream is open must be done within
  /// `request.timeout`.
  RailEnd run(CurlStream& connection, const Exchange& request, const std::function<asio::awaitable<RailEnd>()>& task) {
    finishing = false;
    if (auto outside = ended_from_outside()) return *outside;
    const auto limit = std::min(Clock::now() + request.timeout, request.deadline.value_or(Clock::time_point::max()));
    try {
      if (!connection.connect(request, limit, [this] { return stopped(); })) return *ended_from_outside();
    } catch (const TransportError& error) {
      return {.kind = RailEnd::Kind::dropped, .why = error.what(), .remedy = error.remedy};
    }
    cut = [&connection] { connection.cut(); };
    bear_until(limit);
    bool done = false;
    RailEnd end;
    std::exception_ptr thrown;
    asio::co_spawn(io, task(), [&](std::exception_ptr failure, RailEnd result) {
      thrown = failure;
      end = std::move(result);
      done = true;
    });
    io.restart();
    while (!done) io.run_one();
    patience.cancel();
    cut = goodbye = pump = nullptr;
    outgoing.clear();
    writing = false;
    if (thrown) std::rethrow_exception(thrown);
    if (auto outside = ended_from_outside()) return *outside;
    return end;
  }

  /// Cuts the stream off at `end`, unless it is called again before.
  void bear_until(Clock::time_point end) {
    late = false;
    patience.expires_at(end);
    patience.async_wait([this](Error error) {
      if (error || Clock::now() < patience.expiry()) return;  // prolonged meanwhile
      late = true;
      if (cut) cut();
    });
  }

  asio::awaitable<RailEnd> stream(CurlStream& connection, const Exchange& request, const RailHandlers& handlers) {
    http::request<http::empty_body> question(http::verb::get, request.url.target, 11);
    question.set(http::field::host, host_field(request.url));
    question.set(http::field::accept, "text/event-stream");
    for (const auto& [name, value] : request.headers) question.set(name, value);
    const auto [unsent, sent] = co_await http::async_write(connection, question, kAwait);
    if (unsent) co_return dropped("the request did not reach", request.url, why(unsent));
    beast::flat_buffer buffer;
    http::response_parser<http::empty_body> head;
    head.header_limit(kHeadBytesMax);
    const auto [silent, read] = co_await http::async_read_header(connection, buffer, head, kAwait);
    if (silent) co_return dropped("no answer came from", request.url, why(silent));
    if (head.get().result_int() != 200) {
      http::response_parser<http::string_body> parser(std::move(head));
      parser.body_limit(kRefusalBytesMax);
      const auto [broken, count] = co_await http::async_read(connection, buffer, parser, kAwait);
      if (broken && !parser.is_done()) co_return dropped("the answer broke off from", request.url, why(broken));
      std::string body = parser.get().body();
      co_return RailEnd{.kind = RailEnd::Kind::refused, .response = convert(parser.get(), std::move(body))};
    }
    handlers.opened();
    http::response_parser<http::buffer_body> parser(std::move(head));
    parser.body_limit(boost::none);
    std::array<char, 16384> chunk{};
    while (!parser.is_done()) {
      parser.get().body().data = chunk.data();
      parser.get().body().size = chunk.size();
      bear_until(Clock::now() + kSilenceMax);
      const auto [broken, got] = co_await http::async_read_some(connection, buffer, parser, kAwait);
      if (const std::size_t size = chunk.size() - parser.get().body().size; size > 0)
        handlers.received({chunk.data(), size});
      if (finishing) break;
      if (broken && broken != http::error::need_buffer)
        co_return dropped("the stream broke from", request.url, why(broken));
    }
    co_return dropped("the stream ended from", request.url, {});
  }

  void write_next(Socket& socket) {
    if (writing || outgoing.empty()) return;
    writing = true;
    socket.text(true);
    socket.async_write(asio::buffer(outgoing.front()), [this, &socket](Error error, std::size_t) {
      writing = false;
      if (error || outgoing.empty()) return;  // the reader meets the same error, and reports it
      outgoing.pop_front();
      write_next(socket);
    });
  }

  asio::awaitable<RailEnd> converse(Socket& socket, const Exchange& request, const RailHandlers& handlers) {
    socket.set_option(websocket::stream_base::timeout{request.timeout, kSilenceMax, true});
    socket.set_option(websocket::stream_base::decorator([&request](websocket::request_type& question) {
      question.set(http::field::sec_websocket_protocol, "nexus.chat.v1");
      for (const auto& [name, value] : request.headers) question.set(name, value);
    }));
    socket.read_message_max(kMessageBytesMax);
    websocket::response_type answer;
    const auto [failed] = co_await socket.async_handshake(answer, host_field(request.url), request.url.target, kAwait);
    if (failed == websocket::error::upgrade_declined)
      co_return RailEnd{.kind = RailEnd::Kind::refused, .response = convert(answer, answer.body())};
    if (failed) co_return dropped("no WebSocket with", request.url, why(failed));
    patience.cancel();  // from here on the WebSocket's own timeouts apply
    pump = [this, &socket] { write_next(socket); };
    goodbye = [&socket] { socket.async_close(websocket::close_code::normal, [](Error) {}); };
    tell([&] { handlers.opened(); });
    beast::flat_buffer message;
    while (true) {
      const auto [ended, count] = co_await socket.async_read(message, kAwait);
      if (ended == websocket::error::closed) {
        const auto& reason = socket.reason();
        co_return RailEnd{.kind = RailEnd::Kind::closed,
                          .code = reason.code,
                          .why = std::string(reason.reason.data(), reason.reason.size())};
      }
      if (ended) co_return dropped("the stream broke from", request.url, ended);
      tell([&] { handlers.received({static_cast<const char*>(message.data().data()), message.size()}); });
      message.clear();
    }
  }

  /// Runs what may print; the line that is being typed stands below that.
  void tell(const std::function<void()>& print) { editor ? editor->above(print) : print(); }

  asio::awaitable<void> read_lines(Line line, std::function<void()> end, std::chrono::milliseconds pace) {
    DescriptorWatch input(STDIN_FILENO, DescriptorWatch::Event::readable);
    asio::posix::stream_descriptor ready(io);
    if (input.waits()) ready.assign(input.duplicate());
    asio::steady_timer gap(io);
    editor = LineEditor::on_terminal();
    while (editor) {
      input.again();
      co_await ready.async_wait(asio::posix::stream_descriptor::wait_read, kAwait);
      if (!editor->take_key(line)) editor.reset();
      if (!editor) co_return end();
    }
    std::string text;
    std::array<char, 4096> chunk{};
    while (true) {
      if (input.waits()) {
        input.again();
        co_await ready.async_wait(asio::posix::stream_descriptor::wait_read, kAwait);
      } else {  // a file, which can always be read: without a pause nothing else would run before its end
        gap.expires_after(pace);
        co_await gap.async_wait(kAwait);
      }
      const ssize_t count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
      if (count <= 0) break;
      text.append(chunk.data(), static_cast<std::size_t>(count));
      for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n')) {
        line(text.substr(0, at));
        text.erase(0, at + 1);
        gap.expires_after(pace);
        co_await gap.async_wait(kAwait);
      }
    }
    if (!text.empty()) line(std::move(text));
    end();
  }
};

RailClient::RailClient() : impl_(std::make_unique<Impl>()) {}
RailClient::~RailClient() = default;

RailEnd RailClient::stream(const Exchange& request, const RailHandlers& handlers) {
  CurlStream connection(impl_->io);
  return impl_->run(connection, request, [&] { return impl_->stream(connection, request, handlers); });
}

RailEnd RailClient::converse(const Exchange& request, const RailHandlers& handlers) {
  Socket socket(impl_->io);
  return impl_->run(socket.next_layer(), request, [&] { return impl_->converse(socket, request, handlers); });
}

bool RailClient::pause(std::chrono::milliseconds time) {
  bool over = impl_->stopped();
  impl_->timer.expires_after(time);
  impl_->timer.async_wait([&over](Error) { over = true; });
  impl_->io.restart();
  while (!over) impl_->io.run_one();
  if (impl_->abandoned) static_cast<void>(impl_->ended_from_outside());
  return !impl_->stopped();
}

void RailClient::finish_at(std::chrono::steady_clock::time_point end) { impl_->finish_at(end); }

void RailClient::tell(const std::function<void()>& print) { impl_->tell(print); }

int RailClient::signal() const { return impl_->signal; }

void RailClient::send(std::string text) {
  impl_->outgoing.push_back(std::move(text));
  if (impl_->pump) impl_->pump();
}

void RailClient::finish() {
  impl_->finishing = true;
  if (impl_->goodbye) std::exchange(impl_->goodbye, nullptr)();
}

void RailClient::read_lines(Line line, std::function<void()> end, std::chrono::milliseconds pace) {
  asio::co_spawn(impl_->io, impl_->read_lines(std::move(line), std::move(end), pace), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

}  // namespace nexus::cli
