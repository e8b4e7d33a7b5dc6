// The first part of the dispatcher. It judges a request before anything is done, in the contract's order of refusal:
// host and origin, route and method, token, context, membership and role, rate, size and type. It judges slow work
// again: a body that trickles in, an open stream, an answer that goes out page by page.
//
// Threads: any.
#pragma once
#include <optional>

#include "daemon/guard/token_use.hpp"
#include "daemon/http/common.hpp"

namespace nexus::http {

class Admission {
 public:
  /// Both must outlive it.
  Admission(const RouteTable& routes, Common& common) : routes_(routes), common_(common) {}

  /// Judges everything that can be judged from the head alone. `peer`: the other end of its connection.
  ExchangePtr admit(RequestHead head, const std::optional<IpAddress>& peer);
  /// Uses up the ticket with which the request came, whether it was refused or not, and forgets it. `done` is called
  /// once that is committed, with an empty answer: where the ticket was gone or the store failed, `settled` has the
  /// refusal. The request goes on in a new snapshot, where it is judged again.
  void use_ticket(const ExchangePtr& exchange, const Done& done);
  /// Judges a request that came over a stream like any other, except for what the stream's caller has already proved.
  /// `caller` holds the ids of this request; `client` opened the stream.
  ExchangePtr admit_within(Caller caller, const std::optional<IpAddress>& client, RequestHead head);

  /// Judges the caller again when the body has ended, because a body may take long. Sets the role that the caller has
  /// then. Throws Problem.
  void recheck(const store::Reader& reader, Exchange& exchange) const {
    exchange.caller = recheck(reader, *exchange.route, exchange.caller);
  }
  Caller recheck(const store::Reader& reader, const Route& route, const Caller& caller) const {
    return common_.guard.recheck(reader, route.demand, caller);
  }
  /// The refusal that this read or open stream would get if it were requested now.
  std::optional<Code> refusal_now(const store::Reader& reader, const Route& route, const Caller& caller) const;

  /// Writes when tokens were last used.
  void flush() { token_use_.flush(common_.database); }

 private:
  void admit_or_throw(Exchange& exchange);
  void find_route(Exchange& exchange);
  Quota quota_of(Exchange& exchange) const;
  void limit_rate(Exchange& exchange);

  const RouteTable& routes_;
  Common& common_;
  RateLimiter limiter_;
  TokenUse token_use_;
};

}  // namespace nexus::http
