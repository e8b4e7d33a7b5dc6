// Coroutines over Beast: connect, ask, read.
#include "cli/rails/rail_client.hpp"

#include <csignal>
#include <deque>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using Error = boost::system::error_code;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::chrono::seconds kConnectTime{10};
constexpr std::chrono::seconds kSilenceMax{45};  // the daemon comments every 15 s, and pings every 25 s
constexpr std::size_t kRefusalBytesMax = 1u << 20;
constexpr std::size_t kMessageBytesMax = 8u << 20;

using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

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
  asio::steady_timer timer{io};
  int signal = 0;
  bool finishing = false;
  std::function<void()> cut;      // closes the socket under the running stream
  std::function<void()> goodbye;  // closes a WebSocket with a frame
  std::deque<std::string> outgoing;
  std::function<void()> pump;  // writes what waits, when nothing is being written
  bool writing = false;

  Impl() {
    signals.add(SIGINT);
    signals.add(SIGTERM);
    signals.async_wait([this](Error error, int number) {
      if (error) return;
      signal = number;
      timer.cancel();
      if (cut) cut();
    });
  }

  RailEnd run(asio::awaitable<RailEnd> task);

  template <class Stream>
  asio::awaitable<Error> connect(Stream& stream, const Url& url);
  template <class Stream>
  asio::awaitable<RailEnd> stream(Stream& stream, const Exchange& request, const RailHandlers& handlers);
  template <class Stream>
  asio::awaitable<RailEnd> read_refusal(Stream& stream, const Exchange& request, beast::flat_buffer& buffer,
                                        http::response_parser<http::empty_body>& head);
  template <class Stream>
  asio::awaitable<RailEnd> converse(websocket::stream<Stream>& socket, const Exchange& request,
                                    const RailHandlers& handlers);
  template <class Stream>
  asio::awaitable<RailEnd> listen(websocket::stream<Stream>& socket, const Exchange& request,
                                  const RailHandlers& handlers);
  template <class Stream>
  void write_next(websocket::stream<Stream>& socket);
};

/// The context every TLS connection of this process uses: the system's certificates, always verified.
static asio::ssl::context& tls() {
  static asio::ssl::context context(asio::ssl::context::tls_client);
  static const bool ready = [] {
    context.set_default_verify_paths();
    context.set_verify_mode(asio::ssl::verify_peer);
    return true;
  }();
  (void)ready;
  return context;
}

RailEnd RailClient::Impl::run(asio::awaitable<RailEnd> task) {
  if (signal != 0) return {.kind = RailEnd::Kind::interrupted, .code = signal};
  bool done = false;
  RailEnd end;
  std::exception_ptr thrown;
  finishing = false;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr failure, RailEnd result) {
    thrown = failure;
    end = std::move(result);
    done = true;
  });
  io.restart();
  while (!done) io.run_one();
  cut = goodbye = pump = nullptr;
  outgoing.clear();
  writing = false;
  if (thrown) std::rethrow_exception(thrown);
  if (signal != 0) return {.kind = RailEnd::Kind::interrupted, .code = signal};
  if (finishing) return {.kind = RailEnd::Kind::finished};
  return end;
}

template <class Stream>
asio::awaitable<Error> RailClient::Impl::connect(Stream& stream, const Url& url) {
  tcp::resolver resolver(io);
  const auto [unknown, endpoints] = co_await resolver.async_resolve(url.host, std::to_string(url.port), kAwait);
  if (unknown) co_return unknown;
  auto& lowest = beast::get_lowest_layer(stream);
  lowest.expires_after(kConnectTime);
  const auto [refused, endpoint] = co_await lowest.async_connect(endpoints, kAwait);
  if (refused) co_return refused;
  lowest.socket().set_option(tcp::no_delay(true));
  if constexpr (std::is_same_v<Stream, Secure>) {
    if (!::SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str())) co_return asio::error::invalid_argument;
    stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
    const auto [untrusted] = co_await stream.async_handshake(asio::ssl::stream_base::client, kAwait);
    if (untrusted) co_return untrusted;
  }
  co_return Error();
}

// ---- server-sent events ---------------------------------------------------------------------------------------------

template <class Stream>
asio::awaitable<RailEnd> RailClient::Impl::read_refusal(Stream& stream, const Exchange& request,
                                                        beast::flat_buffer& buffer,
                                                        http::response_parser<http::empty_body>& head) {
  http::response_parser<http::string_body> parser(std::move(head));
  parser.body_limit(kRefusalBytesMax);
  const auto [broken, count] = co_await http::async_read(stream, buffer, parser, kAwait);
  if (broken && !parser.is_done()) co_return dropped("the answer broke off from", request.url, broken);
  std::string body = parser.get().body();
  co_return RailEnd{.kind = RailEnd::Kind::refused, .response = convert(parser.get(), std::move(body))};
}

template <class Stream>
asio::awaitable<RailEnd> RailClient::Impl::stream(Stream& stream, const Exchange& request,
                                                  const RailHandlers& handlers) {
  cut = [&stream] { beast::get_lowest_layer(stream).close(); };
  const Error unconnected = co_await connect(stream, request.url);
  if (unconnected) co_return dropped("no daemon answers at", request.url, unconnected);
  http::request<http::empty_body> question(http::verb::get, request.url.target, 11);
  question.set(http::field::host, host_field(request.url));
  question.set(http::field::accept, "text/event-stream");
  for (const auto& [name, value] : request.headers) question.set(name, value);
  beast::get_lowest_layer(stream).expires_after(request.timeout);
  const auto [unsent, sent] = co_await http::async_write(stream, question, kAwait);
  if (unsent) co_return dropped("the request did not reach", request.url, unsent);
  beast::flat_buffer buffer;
  http::response_parser<http::empty_body> head;
  const auto [silent, read] = co_await http::async_read_header(stream, buffer, head, kAwait);
  if (silent) co_return dropped("no answer came from", request.url, silent);
  if (head.get().result_int() != 200) {
    RailEnd refusal = co_await read_refusal(stream, request, buffer, head);
    co_return refusal;
  }
  handlers.opened();
  http::response_parser<http::buffer_body> parser(std::move(head));
  parser.body_limit(boost::none);
  std::array<char, 16384> chunk{};
  while (!parser.is_done()) {
    parser.get().body().data = chunk.data();
    parser.get().body().size = chunk.size();
    beast::get_lowest_layer(stream).expires_after(kSilenceMax);
    const auto [broken, got] = co_await http::async_read_some(stream, buffer, parser, kAwait);
    if (const std::size_t size = chunk.size() - parser.get().body().size; size > 0)
      handlers.received({chunk.data(), size});
    if (finishing) break;
    if (broken && broken != http::error::need_buffer) co_return dropped("the stream broke from", request.url, broken);
  }
  co_return dropped("the stream ended from", request.url, {});
}

// ---- WebSocket ------------------------------------------------------------------------------------------------------

template <class Stream>
void RailClient::Impl::write_next(websocket::stream<Stream>& socket) {
  if (writing || outgoing.empty()) return;
  writing = true;
  socket.text(true);
  socket.async_write(asio::buffer(outgoing.front()), [this, &socket](Error error, std::size_t) {
    writing = false;
    if (error || outgoing.empty()) return;  // the reader meets the same error, and says it
    outgoing.pop_front();
    write_next(socket);
  });
}

template <class Stream>
asio::awaitable<RailEnd> RailClient::Impl::listen(websocket::stream<Stream>& socket, const Exchange& request,
                                                  const RailHandlers& handlers) {
  pump = [this, &socket] { write_next(socket); };
  goodbye = [&socket] { socket.async_close(websocket::close_code::normal, [](Error) {}); };
  handlers.opened();
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
    handlers.received({static_cast<const char*>(message.data().data()), message.size()});
    message.clear();
  }
}

template <class Stream>
asio::awaitable<RailEnd> RailClient::Impl::converse(websocket::stream<Stream>& socket, const Exchange& request,
                                                    const RailHandlers& handlers) {
  cut = [&socket] { beast::get_lowest_layer(socket).close(); };
  const Error unconnected = co_await connect(socket.next_layer(), request.url);
  if (unconnected) co_return dropped("no daemon answers at", request.url, unconnected);
  beast::get_lowest_layer(socket).expires_never();  // from here on the WebSocket's own timeouts hold
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
  if (failed) co_return dropped("no WebSocket with", request.url, failed);
  RailEnd end = co_await listen(socket, request, handlers);
  co_return end;
}

// ---- the face -------------------------------------------------------------------------------------------------------

RailClient::RailClient() : impl_(std::make_unique<Impl>()) {}
RailClient::~RailClient() = default;

RailEnd RailClient::stream(const Exchange& request, const RailHandlers& handlers) {
  if (!request.url.secure) {
    Plain stream(impl_->io);
    return impl_->run(impl_->stream(stream, request, handlers));
  }
  Secure stream(impl_->io, tls());
  return impl_->run(impl_->stream(stream, request, handlers));
}

RailEnd RailClient::converse(const Exchange& request, const RailHandlers& handlers) {
  if (!request.url.secure) {
    websocket::stream<Plain> socket(impl_->io);
    return impl_->run(impl_->converse(socket, request, handlers));
  }
  websocket::stream<Secure> socket(impl_->io, tls());
  return impl_->run(impl_->converse(socket, request, handlers));
}

bool RailClient::pause(std::chrono::milliseconds time) {
  bool over = impl_->signal != 0;
  impl_->timer.expires_after(time);
  impl_->timer.async_wait([&over](Error) { over = true; });
  impl_->io.restart();
  while (!over) impl_->io.run_one();
  return impl_->signal == 0;
}

int RailClient::signal() const { return impl_->signal; }

void RailClient::send(std::string text) {
  impl_->outgoing.push_back(std::move(text));
  if (impl_->pump) impl_->pump();
}

void RailClient::finish() {
  impl_->finishing = true;
  if (impl_->goodbye) std::exchange(impl_->goodbye, nullptr)();
}

void RailClient::post(std::function<void()> work) { asio::post(impl_->io, std::move(work)); }

}  // namespace nexus::cli
