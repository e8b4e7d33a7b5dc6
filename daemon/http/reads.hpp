// The part of the dispatcher that only reads. It runs gates and query in one snapshot and releases it. Then it asks
// other servers for what they must confirm, and answers. Reads that a gate refuses, and those of the system role in a
// tenant, leave a row in the audit log before they are answered.
//
// Threads: any; `done` is called once, on whatever thread finished the work.
#pragma once
#include "daemon/http/admission.hpp"
#include "daemon/http/read_events.hpp"

namespace nexus::http {

class Reads {
 public:
  /// Both must outlive it.
  Reads(Common& common, const Admission& admission)
      : common_(common),
        admission_(admission),
        events_(common.database, common.options.disk_is_low,
                [&common](std::size_t n) { common.answers.metrics().count_dropped_events(n); }) {}

  /// May throw Problem before `done` is called.
  void run(const ExchangePtr& exchange, const Query& query, const Done& done);
  /// The same on the lane of long reads. Throws Problem rate_limit_exceeded where too many of the tenant wait.
  void run_long(const ExchangePtr& exchange, const Query& query, const Done& done);

  /// Whether guard and kill switches allow the caller to do over a stream, at this moment, what `route` does. Throws
  /// Problem where the guard refuses. Where a switch refuses, `refused` gets the answer once its audit row is
  /// committed.
  bool allows(const store::Reader& reader, const Route& route, const Caller& caller, const Done& refused);

  /// Takes activity that no transaction writes: it goes to the writer, or is dropped and counted when the queue is
  /// full.
  ReadEvents& events() { return events_; }

 private:
  Response answer(const ExchangePtr& exchange, const store::Reader& reader, const Query& query);
  void end(const ExchangePtr& exchange, Response response, const Done& done);
  void confirm(const ExchangePtr& exchange, Response response, const Done& done);
  void finish(const ExchangePtr& exchange, Response response, const Done& done);
  void audit_block(const ExchangePtr& exchange, const Query& query, const Done& done);
  void audit_system_read(const ExchangePtr& exchange, Response response, const Done& done);
  using Unit = std::function<void(store::Tx&, Response&)>;
  void commit(const ExchangePtr& exchange, Response response, Unit unit, Done then, const Done& failed);

  Common& common_;
  const Admission& admission_;
  ReadEvents events_;
};

}  // namespace nexus::http
