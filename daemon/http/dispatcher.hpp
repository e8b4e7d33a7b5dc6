// The dispatcher: the one way from a request to a handler. It enforces the route table in the contract's order of
// refusal (host, origin, route, method, token, context, membership and role, rate, size, type, body, assertion,
// idempotency, gates) and, for a write, runs membership, gates, change, audit row and stored answer as one unit of the
// writer: all of it is committed, or none.
//
// Free of sockets. `admit` judges the head; the session then reads the body and calls `run` (or, for uploads, drives
// the sink). Threads: admit and run on the I/O threads; `done` is called once, on whatever thread finished the work.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "daemon/gates/strictness.hpp"
#include "daemon/guard/rate_limit.hpp"
#include "daemon/guard/token_use.hpp"
#include "daemon/http/lane.hpp"
#include "daemon/http/metrics.hpp"
#include "daemon/http/origin.hpp"
#include "daemon/http/read_events.hpp"
#include "daemon/http/refusals.hpp"
#include "daemon/http/route.hpp"

namespace nexus::store {
struct Subject;
}

namespace nexus::http {

struct DispatcherOptions {
  OriginOptions origins;
  Quota default_quota;
  std::string instance_id;
  bool refuse_local_blobs_in_prod = true;
  gates::Strictness strict;
  /// Whether free space is below the reserve that is kept for refusals, kill switches and revocations. Cheap.
  std::function<bool()> disk_is_low = [] { return false; };
  /// Gives up what is kept on a full disk for what stops things; answers whether there was something to give.
  std::function<bool()> make_room = [] { return false; };
  /// Run a function on a thread that may block: what waits for stored objects, and what only computes. Apart, so that
  /// a store that hangs holds up nobody else.
  std::function<void(std::function<void()>)> run_storage;
  std::function<void(std::function<void()>)> run_blocking;
  /// Told when a membership, a token, a tenant, a kill switch or a flag changed, on the writer's thread.
  std::function<void()> permissions_changed = [] {};
};

/// One request on its way. Made by admit; `settled` says that the answer is there already.
struct Exchange {
  RequestHead head;
  const Route* route = nullptr;
  std::map<std::string, std::string, std::less<>> params;
  Caller caller;
  std::string base_url;
  std::optional<store::Lease> lease;  // kept from the guard to a read without a body: one snapshot
  std::optional<Response> settled;
  std::vector<Activity> told;                               // by a read that was answered
  std::function<void()> confirm;                            // what a read still asks other servers
  std::vector<std::pair<std::string, std::string>> fields;  // of any answer: rate limits
  bool body_unread = false;                                 // it was answered without a look at its body
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  /// Whether its token, or its ticket, was good, whatever it was good for.
  bool authenticated() const { return !caller.token_id.empty() && !(settled && settled->status == 401); }
};
using ExchangePtr = std::shared_ptr<Exchange>;
using Done = std::function<void(Response)>;

class Dispatcher {
 public:
  Dispatcher(RouteTable routes, store::Database& database, Guard& guard, DispatcherOptions options);

  /// Everything that can be judged from the head alone.
  ExchangePtr admit(RequestHead head);
  /// The answer to a head that the gate refused, before there is an exchange.
  Response refuse_head(Code code, const std::string& detail);
  /// The whole body is there.
  void run(const ExchangePtr& exchange, std::string body, Done done);
  /// For routes that take their body as it comes.
  std::unique_ptr<BodySink> open_sink(const Exchange& exchange);

  /// A gated form on its way: open_form, its chunks, close_form. Its last owner lets go of it where it may block.
  class FormRun;
  using FormRunPtr = std::shared_ptr<FormRun>;
  /// Whether this request's body is a form for a FormHandler.
  static bool takes_form(const Exchange& exchange);
  /// Judges all that can be judged before the body, gates included. Throws Problem.
  FormRunPtr open_form(const ExchangePtr& exchange);
  /// Where the chunks of the body go; nullptr when it is not to be read.
  static ChunkSink* body_of(FormRun& form);
  /// The whole body is there, or none is wanted. On a thread that may block.
  void close_form(const FormRunPtr& form, const Done& done);
  /// The answer when its body did not come, or could not be taken: `form` is null when not even open_form could. What
  /// was stored of it is left to the form's last owner.
  Response refuse_form(const FormRunPtr& form, const Exchange& exchange, const std::exception_ptr& error);

  /// A request that came over a stream: judged as one of its own, but for what the stream's caller has shown already.
  /// `caller` holds the ids of this request.
  ExchangePtr admit_within(Caller caller, RequestHead head);
  /// Throws Problem where the caller may not do, at this moment, what asks for this.
  void require(const store::Reader& reader, const Demand& demand, const Caller& caller) const {
    guard_.recheck(reader, demand, caller);
  }
  /// The same, and nobody switched off what `route` does: for what is done over a stream and is no request of its own.
  void require(const store::Reader& reader, const Route& route, const Caller& caller) const;
  /// Activity that no transaction writes: handed to the writer, dropped and counted when its queue is full.
  void tell(const Caller& caller, std::string_view surface, std::vector<audit::Activity> events) {
    read_events_.record(caller, surface, std::move(events));
  }
  /// What this read, an open stream among them, would be refused with, if it were asked for now.
  std::optional<Code> judge_again(const store::Reader& reader, const Route& route, const Caller& caller) const;
  /// The answer to an exception from a sink.
  Response failure(const Exchange& exchange, const std::exception_ptr& error);
  /// The last touch of every answer: request id, CORS, rate limits, counting.
  void finish(const Exchange& exchange, Response& response);

  const RouteTable& routes() const { return routes_; }
  Metrics& metrics() { return metrics_; }
  /// Called every 100 ms by the daemon's timer.
  void tick() {
    refusals_.flush();
    read_events_.retry();
  }
  /// Called every minute: writes when tokens were last used, forgets answers older than their day.
  void tidy();
  /// What still waits for the writer, before it stops.
  void flush();

 private:
  struct WriteRun;

  void admit_or_throw(Exchange& exchange);
  void find_route(Exchange& exchange);
  /// A body may trickle in for a long time: who asks is judged again at its end.
  void judge_again(Exchange& exchange, const store::Reader& reader) const {
    exchange.caller = guard_.recheck(reader, exchange.route->demand, exchange.caller);
  }
  Quota quota_of(Exchange& exchange) const;
  void limit_rate(Exchange& exchange);
  void judge_entity(const Exchange& exchange) const;
  Response refuse(const Exchange& exchange, const Problem& problem);
  void log_refusal(const Exchange& exchange, const Problem& problem);

  void parse_and_run(const ExchangePtr& exchange, const std::string& body, const Done& done);
  /// Gives query and body to `parser`, and throws for what it left unread, found wrong, or contradicts the context.
  void parse(const Exchange& exchange, Json json, std::string_view raw_body,
             const std::function<void(Input&)>& parser) const;
  void run_read(const ExchangePtr& exchange, const Query& query, const Done& done);
  /// Keeps the activity of the read in the exchange, for finish_read.
  Response answer_read(const ExchangePtr& exchange, const store::Reader& reader, const Query& query);
  using Pull = std::function<bool(std::string&)>;
  Pull judged_at_each_page(const ExchangePtr& exchange, Pull pull);
  void end_read(const ExchangePtr& exchange, Response response, const Done& done);
  void finish_read(const ExchangePtr& exchange, Response response, const Done& done);
  void audit_blocked_read(const ExchangePtr& exchange, const Query& query, const Done& done);
  void audit_system_read(const ExchangePtr& exchange, Response response, const Done& done);

  // replay.cpp
  void take_key(WriteRun& run) const;
  void hold_key(WriteRun& run);
  bool replay(const store::Reader& reader, WriteRun& run) const;
  bool replay_from_snapshot(WriteRun& run) const;
  static void render(const store::Reader& reader, WriteRun& run);
  void answer_again(const std::shared_ptr<WriteRun>& run);
  static void keep_answer(store::Tx& tx, const WriteRun& run, const Applied& applied, Micros now);

  // write_path.cpp
  void run_write(const ExchangePtr& exchange, Write write, const std::string& body, const Done& done);
  void judge_direction(const store::Reader& reader, const WriteRun& run, const Caller& caller) const;
  void judge_storage(const Exchange& exchange) const;
  bool stops(const store::Reader& reader, const WriteRun& run) const;
  void require_space(const store::Reader& reader, const WriteRun& run) const;
  void undo(WriteRun& run);
  void prepare_write(const std::shared_ptr<WriteRun>& run);
  void submit_write(const std::shared_ptr<WriteRun>& run);
  void write_unit(store::Tx& tx, WriteRun& run);
  gates::Question question_of(const Exchange& exchange) const { return question_of(*exchange.route, exchange.caller); }
  gates::Question question_of(const Route& route, const Caller& caller) const;
  gates::Question question_of(const WriteRun& run) const;
  static void erase_copies(store::Tx& tx, WriteRun& run, const store::Subject& subject);
  std::optional<gates::Decision> judge(const store::Reader& reader, const WriteRun& run) const;
  void settle(const std::shared_ptr<WriteRun>& run, const store::Result& result);
  audit::Act act_of(const Exchange& exchange) const;

  // form_path.cpp
  void run_form(FormRun& form);
  void note_pending(const StoredFile& file);

  void submit(const ExchangePtr& exchange, store::Writer::Unit unit, store::Writer::Done done, const Done& answer);

  RouteTable routes_;
  store::Database& database_;
  Guard& guard_;
  DispatcherOptions options_;
  OriginRules origins_;
  RateLimiter limiter_;
  Metrics metrics_;
  RefusalLog refusals_;
  ReadEvents read_events_;
  Lane long_reads_;
  TokenUse token_use_;
  std::mutex in_flight_mutex_;
  std::set<std::string> in_flight_;  // idempotency keys whose first request still runs
};

/// The public answer for a store's failure. `result` is not `applied` and not `refused`.
Problem problem_of(const store::Result& result);

}  // namespace nexus::http
