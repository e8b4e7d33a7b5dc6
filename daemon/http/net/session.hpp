// A session serves one connection. It reads a head under a deadline, lets the gate judge its bytes and the dispatcher
// its meaning, reads the body and answers. It repeats this until one side ends it. Requests on one connection are
// answered in order, one at a time.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/http/dispatcher.hpp"
#include "daemon/http/held_bytes.hpp"
#include "daemon/http/net/places.hpp"

namespace nexus::http::net {

struct StreamStart {
  ExchangePtr exchange;  // of the request; release it unless it is needed
  Response response;     // the head to answer with, and the stream in `opens`
};

/// The runner of connections that became streams. The session passes the connection on once the request was judged and
/// the stream opened, before a byte of the answer is written. Then it ends: an idle stream holds nothing of a session.
class StreamRunner {
 public:
  virtual ~StreamRunner() = default;
  /// Begins to run the stream, on the connection's strand. Keeps the seat until the stream or the connection ends.
  virtual void take_over(Seat seat, std::shared_ptr<StreamStart> start, Dispatcher& dispatcher) = 0;
  /// The refusal of a stream that would keep one of the last places.
  virtual Problem no_place() const = 0;
};

/// The state that all sessions share.
struct SessionContext {
  Dispatcher& dispatcher;
  FairExecutor& storage;              // for what waits for stored objects
  const std::atomic<bool>& draining;  // finish the current request, then close
  Places& places;
  HeldBytes& bodies;      // of requests, until they are answered
  HeldBytes& answers;     // that are being sent
  StreamRunner* streams;  // null: no route opens a stream
};

/// Begins the work; `done` is called once, on whichever thread finished it.
using Start = std::function<void(const Done& done)>;
/// Lets a coroutine wait for the one answer that a callback delivers, and continues on `executor`. An answer that comes
/// at once (most reads) costs no switch of threads. Throws std::bad_alloc when the callback was dropped unused.
asio::awaitable<Response> answer_of(const Start& start, asio::any_io_executor executor);
/// Uses up the ticket with which the request came (Admission::use_ticket), and continues on the connection's executor.
/// No deadline of the client's runs meanwhile. All must outlive the wait.
asio::awaitable<void> use_ticket(Dispatcher& dispatcher, const ExchangePtr& exchange, Connection& connection);
/// Lets a coroutine wait for `work` on a lane, in the line of that name, and continues on `executor`. What `work`
/// throws is rethrown there. Line and work must outlive the wait.
asio::awaitable<void> run_on(FairExecutor& lane, const std::string& line, const FairExecutor::Task& work,
                             asio::any_io_executor executor);

/// Runs until the connection ends; never throws.
asio::awaitable<void> run_session(std::shared_ptr<Connection> connection, SessionContext& context);

}  // namespace nexus::http::net
