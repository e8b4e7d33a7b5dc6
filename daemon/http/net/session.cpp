#include "daemon/http/net/session.hpp"

#include "daemon/base/problems.hpp"
#include "daemon/http/head_gate.hpp"
#include "daemon/http/net/sender.hpp"
#include "daemon/http/net/wire.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/log.hpp"

namespace nexus::http::net {
namespace {

using asio::awaitable;
using std::chrono::seconds;

constexpr std::size_t kChunkBytes = 256 * 1024;         // of a body or file, read at once
constexpr std::size_t kStrangerChunkBytes = 16 * 1024;  // while nobody is known whose share holds it
constexpr std::size_t kSmallBytes = 64 * 1024;          // a smaller answer is counted once its client leaves it unread
constexpr std::uint64_t kDiscardBytesMax = 64 * 1024;   // a refused body up to this is dropped, to keep the connection
/// What each window of time must bring of a body.
constexpr std::uint64_t kWindowBytes =
    limits::body_rate_min_bytes_per_second * static_cast<std::uint64_t>(limits::body_rate_window.count());

Problem no_room(std::string_view what) {
  return Problem(problems::store_busy, "this tenant's " + std::string(what) + " take more memory than is left for them")
      .with_retry_after(1);
}

class Session {
 public:
  Session(std::shared_ptr<Connection> connection, SessionContext& context)
      : seat_(context.places, connection),
        connection_(std::move(connection)),
        channel_(*connection_),
        sender_(channel_, context.storage),
        context_(context) {}

  /// Its end gives up the seat, also where a failed allocation ends the coroutine from outside.
  ~Session() {
    if (owes_answer_ && !context_.draining) channel_.say_no_memory();
  }
  void owe_nothing() { owes_answer_ = false; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  awaitable<void> run() {
    // GCC 12 miscompiles a co_await inside a condition, and one whose arguments are closures with destructors. So each
    // is a statement of its own, and bodies are read in steps instead of through a callback.
    while (true) {
      const bool goes_on = co_await serve_one();
      if (stream_) become_stream();
      if (!goes_on) co_return;
      connection_->idle = true;
    }
  }

 private:
  // ---- reading -----------------------------------------------------------------------------------------------------

  /// How long the daemon waits for a head that has not begun.
  seconds patience() {
    if (std::exchange(served_, true)) return limits::keep_alive_idle;
    return connection_->last ? limits::last_place_deadline : limits::first_byte_deadline;
  }

  /// The head's length in `pending`; nothing when it was refused and answered.
  awaitable<std::optional<std::size_t>> read_head() {
    std::string& pending = connection_->pending;
    bool dropped = false;  // the line end before the request line
    bool begun = begins_head(pending, dropped);
    connection_->expire_after(begun ? seconds(limits::head_deadline) : patience());
    while (true) {
      if (const auto length = head_length(pending)) co_return length;
      if (pending.size() > limits::head_bytes_max) {
        co_await refuse(problems::request_head_too_large, "the head is larger than 8 KiB");
        co_return std::nullopt;
      }
      const std::size_t room = limits::head_bytes_max + 1 - std::min(pending.size(), limits::head_bytes_max);
      const bool in_time = co_await channel_.read_more(pending.empty() ? kSmallReadBytes : room);
      // An idle connection: no request waits for an answer. In one of the last places nobody dawdles.
      if (!in_time && (!begun || connection_->last)) throw Gone{};
      if (!in_time) {
        co_await refuse(problems::request_timeout, "the head did not arrive within 10 s");
        co_return std::nullopt;
      }
      if (!begun && begins_head(pending, dropped)) {
        begun = true;
        connection_->idle = false;
        if (!connection_->last) connection_->expire_after(limits::head_deadline);
      }
    }
  }

  /// Reads the body into `body`, which grows with what comes, or gives it to `sink` as it comes, on the storage lane;
  /// drops it without either. False when it came too slowly. Throws Problem store.busy where there is no room for it.
  awaitable<bool> read_body(const Exchange& exchange, std::string* body, ChunkSink* sink) {
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const RequestHead& head = exchange.head;
    std::string& pending = connection_->pending;
    const bool wanted = body != nullptr || sink != nullptr;
    if (wanted && head.expects_continue && pending.empty()) co_await channel_.write(asio::buffer(go_on), {}, held_);
    const auto chunk_max = static_cast<std::size_t>(std::min<std::uint64_t>(head.content_length, kChunkBytes));
    if (sink != nullptr && exchange.authenticated()) receive(exchange, chunk_max);
    connection_->expire_after(limits::body_rate_window);
    std::uint64_t in_window = 0;
    for (std::uint64_t left = head.content_length; left > 0;) {
      if (pending.empty()) {
        connection_->waits_for = Waits::body;
        const std::size_t most = sink == nullptr || received_.bytes() > 0 ? chunk_max : kStrangerChunkBytes;
        const bool in_time = co_await channel_.read_more(static_cast<std::size_t>(std::min<std::uint64_t>(left, most)));
        connection_->waits_for = Waits::nothing;
        if (!in_time) co_return false;
      }
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, pending.size()));
      const std::string_view chunk = std::string_view(pending).substr(0, count);
      if (body != nullptr) {
        receive(exchange, count);
        body->append(chunk);
      }
      if (sink != nullptr) {
        co_await on_lane([&] { sink->take(chunk); });
        if (std::string payer = sink->payer(); !payer.empty()) payer_ = std::move(payer);
        if (received_.bytes() == 0 && payer_ != payer_of(exchange)) receive(exchange, chunk_max);
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

  /// Takes room for bytes of a body. They are held until the request is answered, by whichever part has them then. What
  /// stops things always finds room, as long as it is small.
  void receive(const Exchange& exchange, std::size_t bytes) {
    if (received_.bytes() == 0) received_ = context_.bodies.part_of(payer_);
    if (received_.grow(bytes)) return;
    if (!is_urgent(*exchange.route) || received_.bytes() + bytes > kSmallBytes) throw no_room("bodies");
    received_.cover(received_.bytes() + bytes);
  }

  // ---- answering ---------------------------------------------------------------------------------------------------

  /// Refuses a request of a tenant whose clients leave too much unread, before anything is done for it.
  void require_room(Exchange& exchange) {
    const Route& route = *exchange.route;
    if (is_urgent(route) || route.probed || context_.answers.has_room(payer_)) return;
    exchange.settled = context_.dispatcher.answers().refuse(exchange, no_room("unread answers"));
    exchange.lease.reset();
  }

  /// Takes room for the answer until it is sent. A read that finds none is refused. What a write did is told anyway.
  void hold(const Exchange& exchange, Response& response) {
    const std::size_t bytes = bytes_held(response);
    held_ = context_.answers.part_of(response.payer.empty() ? payer_ : response.payer);
    if (bytes <= kSmallBytes || held_.grow(bytes)) return;
    if (is_mutation(*exchange.route)) return held_.cover(bytes);
    response = context_.dispatcher.answers().refuse(exchange, no_room("unread answers"));
  }

  /// Writes the answer; false when the connection ends with it.
  awaitable<bool> answer(Response response, bool keep_alive, bool head_only) {
    keep_alive = keep_alive && !response.close && !context_.draining;
    if (!response.payer.empty()) payer_ = response.payer;
    owes_answer_ = false;
    co_await sender_.send(response, keep_alive, head_only, payer_, held_);
    if (keep_alive) co_return true;
    context_.places.end(connection_);
    co_await channel_.linger();
    co_return false;
  }

  awaitable<void> refuse(Code code, std::string_view detail, bool head_only = false) {
    Response response = context_.dispatcher.answers().refuse_head(code, std::string(detail), connection_->peer);
    co_await answer(std::move(response), false, head_only);
  }

  /// Gives the seat to the stream. Nothing of the session or the request is kept for it: most streams are idle, and
  /// there are many of them.
  void become_stream() {
    connection_->never_expire();
    connection_->pending.shrink_to_fit();
    if (context_.streams != nullptr)
      context_.streams->take_over(std::move(seat_), std::move(stream_), context_.dispatcher);
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
    owes_answer_ = true;
    const ExchangePtr exchange = context_.dispatcher.admission().admit(std::move(*head), connection_->peer);
    if (exchange->ticket) co_await use_ticket(context_.dispatcher, exchange, *connection_);
    if (exchange->authenticated()) connection_->known = true;
    const bool is_last = in_last_place();
    owes_answer_ = !is_last || exchange->settled || connection_->known || exchange->route->probed;
    if (!owes_answer_) throw Gone{};
    payer_ = payer_of(*exchange);
    if (!exchange->settled) require_room(*exchange);
    Response response;
    if (exchange->settled) {
      response = std::move(*exchange->settled);
      response.close = response.close || !discards_body(exchange->head);
    } else {
      response = co_await respond(exchange);
      received_.release();
    }
    if (response.stream && !exchange->head.takes_chunks) {
      response.chunked = false;
      response.close = true;
    }
    if (in_last_place()) {
      if (response.opens)
        response =
            context_.dispatcher.answers().failure(*exchange, std::make_exception_ptr(context_.streams->no_place()));
      response.close = true;
    }
    if (!head_only) hold(*exchange, response);
    context_.dispatcher.answers().finish(*exchange, response);
    if (response.opens && !head_only) {
      stream_ = std::make_shared<StreamStart>(StreamStart{exchange, std::move(response)});
      owes_answer_ = false;
      co_return false;
    }
    const bool unread = exchange->settled.has_value() || exchange->body_unread;
    const bool goes_on = co_await answer(std::move(response), exchange->head.keep_alive, head_only);
    if (!goes_on || !unread) co_return goes_on;
    // Answered first: a body that nobody will read must not keep its sender waiting for the refusal.
    const bool discarded = co_await read_body(*exchange, nullptr, nullptr);
    co_return discarded;
  }

  /// Whether the connection has one of the last places, which are for one request each. It keeps its place when others
  /// have become free.
  bool in_last_place() {
    if (!connection_->last) return false;
    connection_->last = context_.places.last_in_use();
    if (!connection_->last) connection_->latest = Clock::time_point::max();
    return connection_->last;
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
    std::exception_ptr failed;
    try {
      bool whole = true;
      if (exchange->head.has_body) whole = co_await read_body(*exchange, &body, nullptr);
      if (!whole) failed = too_slow();
    } catch (const Gone&) {
      throw;
    } catch (...) {
      failed = std::current_exception();
    }
    if (failed) {
      Response response = context_.dispatcher.answers().failure(*exchange, failed);
      response.close = true;
      co_return response;
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
      if (read) whole = co_await read_body(*exchange, nullptr, sink);
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
      whole = co_await read_body(*exchange, nullptr, sink.get());
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

  Seat seat_;
  std::shared_ptr<Connection> connection_;
  Channel channel_;
  Sender sender_;
  SessionContext& context_;
  std::shared_ptr<StreamStart> stream_;
  bool owes_answer_ = false;  // a request was taken, and no byte of its answer written
  bool served_ = false;       // it was asked for its first head
  std::string payer_;         // whose share of memory and of the storage lane the request takes
  HeldBytes::Part received_;  // of its body
  HeldBytes::Part held_;      // of its answer
};

}  // namespace

awaitable<void> run_session(std::shared_ptr<Connection> connection, SessionContext& context) {
  Session session(std::move(connection), context);
  try {
    co_await session.run();
  } catch (const Gone&) {
    session.owe_nothing();
  } catch (const std::bad_alloc&) {
    log::error("no memory was left for a request", {});
  } catch (const std::exception& error) {
    session.owe_nothing();
    log::error("a session ended unexpectedly", {{"cause", error.what()}});
  }
}

}  // namespace nexus::http::net
