// The first part of the dispatcher. It judges a request before anything is done, in the contract's order of refusal:
// host and origin, route and method, token, context, membership and role, rate, size and type. It judges slow work
// again: a body that trickles in, an open stream, an answer that goes out page by page.
//
// Threads: any.
#pragma once
#include <optional>

#include "daemon/guard/rate_limit.hpp"
#include "daemon/guard/token_use.hpp"
#include "daemon/http/answers.hpp"
#include "daemon/http/gate_questions.hpp"

namespace nexus::http {

/// The parts that it uses. All must outlive it.
struct AdmissionParts {
  const RouteTable& routes;
  store::Database& database;
  Guard& guard;
  const OriginRules& origins;
  const GateQuestions& questions;
  Answers& answers;
};

class Admission {
 public:
  Admission(const AdmissionParts& parts, Quota default_quota)
      : routes_(parts.routes),
        database_(parts.database),
        guard_(parts.guard),
        origins_(parts.origins),
        questions_(parts.questions),
        answers_(parts.answers),
        default_quota_(default_quota) {}

  /// Judges everything that can be judged from the head alone.
  ExchangePtr admit(RequestHead head);
  /// Judges a request that came over a stream like any other, except for what the stream's caller has already proved.
  /// `caller` holds the ids of this request.
  ExchangePtr admit_within(Caller caller, RequestHead head);

  /// Judges the caller again when the body has ended, because a body may take long. Sets the role that the caller has
  /// then. Throws Problem.
  void recheck(const store::Reader& reader, Exchange& exchange) const {
    exchange.caller = recheck(reader, *exchange.route, exchange.caller);
  }
  Caller recheck(const store::Reader& reader, const Route& route, const Caller& caller) const {
    return guard_.recheck(reader, route.demand, caller);
  }
  /// The refusal that this read or open stream would get if it were requested now.
  std::optional<Code> refusal_now(const store::Reader& reader, const Route& route, const Caller& caller) const;

  /// Writes when tokens were last used.
  void flush() { token_use_.flush(database_); }

 private:
  void admit_or_throw(Exchange& exchange);
  void find_route(Exchange& exchange);
  Quota quota_of(Exchange& exchange) const;
  void limit_rate(Exchange& exchange);

  const RouteTable& routes_;
  store::Database& database_;
  Guard& guard_;
  const OriginRules& origins_;
  const GateQuestions& questions_;
  Answers& answers_;
  const Quota default_quota_;
  RateLimiter limiter_;
  TokenUse token_use_;
};

}  // namespace nexus::http
