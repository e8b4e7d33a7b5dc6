// The dispatcher: the one way from a request to a handler. It enforces the route table in the contract's order of
// refusal (host, origin, route, method, token, context, membership and role, rate, size, type, body, assertion,
// idempotency, gates). For a write, it runs membership, gates, change, audit row and stored answer as one unit of the
// writer: all of it is committed, or none.
//
// It is made of parts, each with its own state: Admission judges the head, Reads and Writes run what the route's parser
// returns, Forms streams a file to storage first, Idempotency answers repeats, and Answers finishes what goes out.
//
// Free of sockets. `admission` judges the head; the session then reads the body and calls `run` (or, for uploads,
// drives the sink; for forms, `forms`). Threads: run on the I/O threads; `done` is called once, on whatever thread
// finished the work.
#pragma once
#include <memory>
#include <string>

#include "daemon/http/forms.hpp"
#include "daemon/http/reads.hpp"

namespace nexus::http {

class Dispatcher {
 public:
  Dispatcher(RouteTable routes, store::Database& database, Guard& guard, DispatcherOptions options);

  /// Runs the request once its whole body was read. A large body is parsed, and what a write needs of it is made, on a
  /// thread that computes: neither a thread of sockets nor the writer does it.
  void run(const ExchangePtr& exchange, std::string body, Done done);
  /// The sink for routes that take their body in chunks.
  static std::unique_ptr<BodySink> open_sink(const Exchange& exchange);

  Admission& admission() { return admission_; }
  Reads& reads() { return reads_; }
  Forms& forms() { return forms_; }
  Answers& answers() { return common_.answers; }
  const RouteTable& routes() const { return routes_; }

  /// Called every 100 ms by the daemon's timer.
  void tick();
  /// Called every minute: writes when tokens were last used.
  void tidy();
  /// Hands the writer what still waits for it. Called before the writer stops.
  void flush();

 private:
  void run_here(const ExchangePtr& exchange, const std::string& body, const Done& done);
  void parse_and_run(const ExchangePtr& exchange, const std::string& body, const Done& done);

  const RouteTable routes_;
  Common common_;
  Admission admission_{routes_, common_};
  Idempotency idempotency_{common_, admission_};
  Reads reads_{common_, admission_};
  Writes writes_{common_, admission_, idempotency_};
  Forms forms_{common_, admission_, idempotency_, writes_};
};

}  // namespace nexus::http
