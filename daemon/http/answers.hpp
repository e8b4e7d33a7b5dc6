// The last steps of every answer. Refusals become problem documents and are counted. Refusals of strangers leave
// sampled rows in the audit log. The fields that all answers carry are set, and the log gets its line; whoever takes
// spans gets the request's.
//
// Threads: any.
#pragma once
#include <exception>
#include <string>

#include "daemon/http/access_log.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/http/metrics.hpp"
#include "daemon/http/origin.hpp"
#include "daemon/http/refusals.hpp"

namespace nexus::http {

class Answers {
 public:
  /// `origins` must outlive it.
  Answers(store::Database& database, const std::string& instance_id, const OriginRules& origins,
          const AccessOptions& access, SpanSink* spans)
      : origins_(origins), refusals_(database, instance_id), access_log_(access), spans_(spans) {}

  Response refuse(const Exchange& exchange, const Problem& problem);
  /// The answer to an exception.
  Response failure(const Exchange& exchange, const std::exception_ptr& error);
  /// The answer to a unit of the writer that was not applied.
  Response failure(const Exchange& exchange, const store::Result& result);
  /// The answer to a head that the gate refused, before there is an exchange.
  Response refuse_head(Code code, const std::string& detail, const std::optional<IpAddress>& peer);
  /// Gives the exchange its span. `traceparent`: the client's, where it is valid; else "".
  void begin_span(Exchange& exchange, std::string_view traceparent) const {
    exchange.span = nexus::begin_span(traceparent, exchange.caller.trace_id, spans_);
  }
  /// Completes every answer: request id, trace, CORS, rate limits, counting, the line of the log. Call it once an
  /// answer.
  void finish(const Exchange& exchange, Response& response);

  Metrics& metrics() { return metrics_; }
  AccessLog& access_log() { return access_log_; }
  /// Writes the waiting rows of refusals that are due; with `all`, at shutdown, those that are not due too.
  void flush_refusals(bool all = false) { refusals_.flush(all); }

 private:
  void log_refusal(const Exchange& exchange, const Problem& problem);
  void count(const Exchange& exchange, const Response& response, std::chrono::steady_clock::duration took);
  void tell(const Exchange& exchange, const Response& response, std::chrono::steady_clock::duration took);

  const OriginRules& origins_;
  Metrics metrics_;
  RefusalLog refusals_;
  AccessLog access_log_;
  SpanSink* const spans_;
};

}  // namespace nexus::http
