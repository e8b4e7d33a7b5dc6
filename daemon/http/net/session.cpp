#include "daemon/http/net/session.hpp"

#include <unistd.h>

#include "daemon/http/head_gate.hpp"
#include "daemon/http/net/wire.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/log.hpp"

namespace nexus::http::net {
namespace {

using asio::awaitable;
using boost::system::error_code;
using std::chrono::seconds;

constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::uint64_t kDiscardBytesMax = 64 * 1024;  // a refused body up to this is dropped, to keep the connection
constexpr seconds kLinger{2};
/// What each window of time must bring of a body.
constexpr std::uint64_t kWindowBytes =
    limits::body_rate_min_bytes_per_second * static_cast<std::uint64_t>(limits::body_rate_window.count());

/// The client is gone, or the connection was cut: the session ends without an answer.
struct Gone {};

class Session {
 public:
  Session(std::shared_ptr<Connection> connection, SessionContext& context)
      : connection_(std::move(connection)), context_(context) {}

  awaitable<void> run() {
    // GCC 12 miscompiles a co_await inside a condition, and one whose arguments are closures with destructors. So each
    // is a statement of its own, and bodies are read in steps instead of through a callback.
    while (true) {
      const bool goes_on = co_await serve_one();
      if (stream_) co_await become_stream();
      if (!goes_on) co_return;
      connection_->idle = true;
    }
  }

 private:
  // ---- reading -----------------------------------------------------------------------------------------------------

  /// Reads more bytes into `pending`; false when the time is over.
  awaitable<bool> read_more(std::size_t most) {
    std::string& pending = connection_->pending;
    const std::size_t had = pending.size();
    pending.resize(had + most);
    const auto [error, got] =
        co_await connection_->socket.async_read_some(asio::buffer(pending.data() + had, most), kAwait);
    pending.resize(had + got);
    if (error == asio::error::operation_aborted && connection_->expired(Clock::now())) co_return false;
    if (error) throw Gone{};
    co_return true;
  }

  /// How long the daemon waits for a head that has not begun.
  seconds patience() {
    if (std::exchange(served_, true)) return limits::keep_alive_idle;
    return connection_->last ? limits::last_place_deadline : limits::first_byte_deadline;
  }

  /// The head's length in `pending`; nothing when it was refused and answered.
  awaitable<std::optional<std::size_t>> read_head() {
    std::string& pending = connection_->pending;
    bool begun = !pending.empty();
    connection_->expire_after(begun ? seconds(limits::head_deadline) : patience());
    while (true) {
      if (const auto length = head_length(pending)) co_return length;
      if (pending.size() > limits::head_bytes_max) {
        co_await refuse(problems::request_head_too_large, "the head is larger than 8 KiB");
        co_return std::nullopt;
      }
      const bool in_time =
          co_await read_more(limits::head_bytes_max + 1 - std::min(pending.size(), limits::head_bytes_max));
      // An idle connection: no request waits for an answer. In one of the last places nobody dawdles.
      if (!in_time && (!begun || connection_->last)) throw Gone{};
      if (!in_time) {
        co_await refuse(problems::request_timeout, "the head did not arrive within 10 s");
        co_return std::nullopt;
      }
      if (!begun) {
        begun = true;
        connection_->idle = false;
        if (!connection_->last) connection_->expire_after(limits::head_deadline);
      }
    }
  }

  /// Reads the body into `body`, or gives it to `sink` as it comes, on the storage lane; drops it without
  /// either. False when it came too slowly.
  awaitable<bool> read_body(const RequestHead& head, std::string* body, ChunkSink* sink) {
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    std::string& pending = connection_->pending;
    const bool wanted = body != nullptr || sink != nullptr;
    if (wanted && head.expects_continue && pending.empty()) co_await write(asio::buffer(go_on), {});
    if (body != nullptr) body->reserve(head.content_length);
    connection_->expire_after(limits::body_rate_window);
    std::uint64_t in_window = 0;
    for (std::uint64_t left = head.content_length; left > 0;) {
      if (pending.empty()) {
        connection_->waits_for = Waits::body;
        const bool in_time = co_await read_more(static_cast<std::size_t>(std::min<std::uint64_t>(left, kChunkBytes)));
        connection_->waits_for = Waits::nothing;
        if (!in_time) co_return false;
      }
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, pending.size()));
      const std::string_view chunk = std::string_view(pending).substr(0, count);
      if (body != nullptr) body->append(chunk);
      if (sink != nullptr) {
        co_await on_lane([&] { sink->take(chunk); });
        if (std::string payer = sink->payer(); !payer.empty()) payer_ = std::move(payer);
      }
      pending.erase(0, count);
      left -= count;
      in_window += count;
      if (in_window < kWindowBytes) continue;
      in_window = 0;
      connection_->expire_after(limits::body_rate_window);
    }
    connection_->never_expire();  // from here on the daemon works, not the client
    co_return true;
  }

  // ---- answering ---------------------------------------------------------------------------------------------------

  awaitable<void> write(asio::const_buffer head, asio::const_buffer body) {
    connection_->expire_after(limits::body_rate_window);
    const std::array<asio::const_buffer, 2> parts{head, body};
    const auto [error, count] = co_await asio::async_write(connection_->socket, parts, kAwait);
    if (error) throw Gone{};
  }

  awaitable<void> write_file(FileBody& file) {
    std::string chunk;
    while (file.length > 0) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(file.length, kChunkBytes));
      ssize_t got = 0;
      co_await on_lane([&] {
        chunk.resize(want);
        got = ::pread(file.fd.get(), chunk.data(), want, static_cast<off_t>(file.offset));
      });
      if (got <= 0) throw Gone{};  // shorter than announced: the connection must be cut
      co_await write(asio::buffer(chunk.data(), static_cast<std::size_t>(got)), {});
      file.offset += static_cast<std::uint64_t>(got);
      file.length -= static_cast<std::uint64_t>(got);
    }
  }

  awaitable<void> write_stream(Response& response) {
    std::string chunk, size;
    bool more = true;
    while (more) {
      chunk.clear();
      try {
        co_await on_lane([&] { more = response.stream(chunk); });
      } catch (const Problem&) {  // reported where it was thrown: the connection must be cut
        throw Gone{};
      }
      if (chunk.empty()) continue;
      if (response.chunked) {
        size = chunk_head(chunk.size());
        chunk += "\r\n";
      }
      co_await write(asio::buffer(size), asio::buffer(chunk));
    }
    static constexpr std::string_view last = "0\r\n\r\n";
    if (response.chunked) co_await write(asio::buffer(last), {});
  }

  /// Writes the answer; false when the connection ends with it.
  awaitable<bool> answer(Response response, bool keep_alive, bool head_only) {
    keep_alive = keep_alive && !response.close && !context_.draining;
    const std::string head = head_text(response, keep_alive);
    if (!response.payer.empty()) payer_ = response.payer;
    co_await write(asio::buffer(head), head_only || response.file ? asio::const_buffer() : asio::buffer(response.body));
    if (response.stream && !head_only) co_await write_stream(response);
    if (response.file && !head_only) co_await write_file(*response.file);
    if (!keep_alive) co_await linger();
    co_return keep_alive;
  }

  awaitable<void> refuse(Code code, std::string_view detail, bool head_only = false) {
    Response response = context_.dispatcher.answers().refuse_head(code, std::string(detail));
    co_await answer(std::move(response), false, head_only);
  }

  /// Shuts down before closing. Closing with unread bytes would reset the connection and may destroy the answer.
  awaitable<void> linger() {
    error_code error;
    context_.places.end(connection_);
    connection_->socket.shutdown(tcp::socket::shutdown_send, error);
    connection_->expire_after(kLinger);
    std::array<char, 16384> sink{};
    while (!connection_->expired(Clock::now())) {
      const auto [failed, got] = co_await connection_->socket.async_read_some(asio::buffer(sink), kAwait);
      if (failed) co_return;
    }
  }

  /// Everything that the request needed is freed by now: most streams are idle, and there are many of them.
  awaitable<void> become_stream() {
    connection_->never_expire();
    connection_->pending.shrink_to_fit();
    auto start = std::move(stream_);
    if (context_.streams != nullptr) co_await context_.streams->run(connection_, std::move(start), context_.dispatcher);
  }

  /// False when the connection ends, or becomes the stream in `stream_`.
  awaitable<bool> serve_one() {
    connection_->waits_for = Waits::head;
    const auto length = co_await read_head();
    if (!length) co_return false;
    connection_->waits_for = Waits::nothing;
    connection_->idle = false;
    const std::string raw = connection_->pending.substr(0, *length);
    connection_->pending.erase(0, *length);
    if (const auto refusal = judge_head(raw)) {
      co_await refuse(refusal->code, refusal->detail, raw.starts_with("HEAD "));
      co_return false;
    }
    auto head = parse_head(raw);
    if (!head) {
      co_await refuse(problems::request_malformed, "the request head is not well-formed");
      co_return false;
    }
    const bool head_only = head->method == "HEAD";
    const ExchangePtr exchange = context_.dispatcher.admission().admit(std::move(*head));
    if (exchange->authenticated()) connection_->known = true;
    if (!exchange->settled && !connection_->known && in_last_place()) throw Gone{};
    payer_ = payer_of(*exchange);
    Response response;
    if (exchange->settled) {
      response = std::move(*exchange->settled);
      response.close = response.close || !discards_body(exchange->head);
    } else {
      response = co_await respond(exchange);
    }
    if (response.stream && !exchange->head.takes_chunks) {
      response.chunked = false;
      response.close = true;
    }
    if (in_last_place()) {
      if (response.opens) response = no_place(*exchange);
      response.close = true;
    }
    context_.dispatcher.answers().finish(*exchange, response);
    if (response.opens && !head_only) {
      stream_ = std::make_shared<StreamStart>(StreamStart{exchange, std::move(response)});
      co_return false;
    }
    const bool unread = exchange->settled.has_value() || exchange->body_unread;
    const bool goes_on = co_await answer(std::move(response), exchange->head.keep_alive, head_only);
    if (!goes_on || !unread) co_return goes_on;
    // Answered first: a body that nobody will read must not keep its sender waiting for the refusal.
    const bool discarded = co_await read_body(exchange->head, nullptr, nullptr);
    co_return discarded;
  }

  /// Whether the connection has one of the last places, which are for one request each. It keeps its place when others
  /// have become free.
  bool in_last_place() {
    if (!connection_->last) return false;
    connection_->last = context_.places.last_in_use();
    return connection_->last;
  }

  Response no_place(const Exchange& exchange) {
    return context_.dispatcher.answers().failure(exchange, std::make_exception_ptr(context_.streams->no_place()));
  }

  /// Whether the body of a refused request is read and dropped to keep the connection: not when closing is cheaper, nor
  /// when none of it was sent yet.
  static bool discards_body(const RequestHead& head) {
    return !head.has_body || (!head.expects_continue && head.content_length <= kDiscardBytesMax);
  }

  awaitable<Response> respond(const ExchangePtr& exchange) {
    const bool uploads = std::holds_alternative<UploadHandler>(exchange->route->handler);
    if (uploads) {
      Response response = co_await take_upload(exchange);
      co_return response;
    }
    if (takes_form(*exchange)) {
      Response response = co_await take_form(exchange);
      co_return response;
    }
    std::string body;
    if (exchange->head.has_body) {
      const bool whole = co_await read_body(exchange->head, &body, nullptr);
      if (!whole) {
        Response response = context_.dispatcher.answers().failure(*exchange, too_slow());
        response.close = true;
        co_return response;
      }
    }
    connection_->never_expire();
    Response response = co_await run(exchange, std::move(body));
    co_return response;
  }

  static std::exception_ptr too_slow() {
    return std::make_exception_ptr(Problem(problems::request_timeout, "the body came slower than 1 KiB/s"));
  }

  /// A gated form: a refusal by the gates is sent without reading the body.
  awaitable<Response> take_form(const ExchangePtr& exchange) {
    Response response;
    std::exception_ptr failed;
    FormRunPtr form;
    bool gone = false, whole = false, read = false;
    try {
      form = context_.dispatcher.forms().open(exchange);
      ChunkSink* sink = body_of(*form);
      read = sink != nullptr;
      whole = !read;
      if (read) whole = co_await read_body(exchange->head, nullptr, sink);
    } catch (const Gone&) {
      gone = true;
    } catch (...) {
      failed = std::current_exception();
    }
    if (!failed && !gone && !whole) failed = too_slow();
    if (!failed && !gone) {
      const Start start = [this, form](const Done& done) {
        context_.storage.run(payer_, [this, form, done] { context_.dispatcher.forms().close(form, done); });
      };
      response = co_await answer_of(start, connection_->socket.get_executor());
    }
    if (failed) response = context_.dispatcher.forms().refuse(form, *exchange, failed);
    // Releasing the form may remove its upload from storage, which may block.
    context_.storage.run(payer_, [held = std::move(form)] {});
    if (gone) throw Gone{};
    exchange->body_unread = !read;
    if (read && !whole) response.close = true;
    if (!read) response.close = response.close || !discards_body(exchange->head);
    co_return response;
  }

  /// Feeds the body to the route's sink as it comes.
  awaitable<Response> take_upload(const ExchangePtr& exchange) {
    Response response;
    std::exception_ptr failed;
    bool whole = false;
    try {
      const auto sink = context_.dispatcher.open_sink(*exchange);
      whole = co_await read_body(exchange->head, nullptr, sink.get());
      if (whole) co_await on_lane([&] { response = sink->finish(); });
    } catch (const Gone&) {
      throw;
    } catch (...) {
      failed = std::current_exception();
    }
    if (!failed && !whole) failed = too_slow();
    if (failed) {
      response = context_.dispatcher.answers().failure(*exchange, failed);
      response.close = !whole;
    }
    co_return response;
  }

  awaitable<Response> run(const ExchangePtr& exchange, std::string body) {
    const Start start = [&](const Done& done) { context_.dispatcher.run(exchange, std::move(body), done); };
    Response response = co_await answer_of(start, connection_->socket.get_executor());
    co_return response;
  }

  /// The next step of an admitted request, on the storage lane.
  template <class Work>
  awaitable<void> on_lane(Work work) {
    const FairExecutor::Task step = std::ref(work);
    co_await run_on(context_.storage, payer_, step, connection_->socket.get_executor());
  }

  std::shared_ptr<Connection> connection_;
  SessionContext& context_;
  std::shared_ptr<StreamStart> stream_;
  bool served_ = false;  // it was asked for its first head
  std::string payer_;    // whose share of the storage lane the request takes
};

}  // namespace

awaitable<void> run_session(std::shared_ptr<Connection> connection, SessionContext& context) {
  try {
    Session session(connection, context);
    co_await session.run();
  } catch (const Gone&) {
  } catch (const std::exception& error) {
    log::error("a session ended unexpectedly", {{"cause", error.what()}});
  }
  context.places.leave(connection);
  error_code ignored;
  connection->socket.close(ignored);
}

}  // namespace nexus::http::net
