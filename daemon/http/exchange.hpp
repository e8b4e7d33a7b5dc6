// One request between its head and its answer, as the parts of the dispatcher pass it on.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/audit/chain.hpp"
#include "daemon/base/network.hpp"
#include "daemon/base/span.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

/// One request on its way. Made by Admission. `settled` holds the answer when there is one already.
struct Exchange {
  RequestHead head;
  const Route* route = nullptr;
  PathParams params;
  Caller caller;
  std::string base_url;
  std::optional<store::Lease> lease;  // kept from the guard to a read without a body: one snapshot
  std::optional<Response> settled;
  std::optional<tickets::Found> ticket;                               // that it came with, until it is used up
  std::vector<Activity> activity;                                     // of an answered read
  std::function<void()> confirm;                                      // what a read must still ask other servers
  std::vector<std::pair<std::string, std::string>> fields;            // of any answer: rate limits
  bool body_unread = false;                                           // it was answered without reading its body
  std::optional<IpAddress> client;                                    // for the log alone
  SpanContext span;                                                   // of this request in its trace
  std::vector<std::pair<std::string_view, gates::Verdict>> verdicts;  // of the gates that judged it last
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  /// Whether its token or ticket was valid, whatever it permits.
  bool authenticated() const { return !caller.token_id.empty() && !(settled && settled->status == 401); }
};
using ExchangePtr = std::shared_ptr<Exchange>;
using Done = std::function<void(Response)>;

/// The frame of its audit row: who requested what, where and under which ids. The result is passed and the subject is
/// the route.
audit::Act act_of(const Exchange& exchange);
/// Whose share of the writer and of the lanes it takes: its tenant; "user ID" where there is none, without an id for
/// strangers.
std::string payer_of(const Exchange& exchange);
/// The tenant and env in which its unit writes. A change of control or identity may concern every env of its tenant,
/// and one without a tenant any; that takes the share of its user.
store::Realms realms_of(const Exchange& exchange);

/// Keeps what the gates said, for the count of the answer.
void note_verdicts(Exchange& exchange, const gates::Decision& decision);

/// Determines the run of a tenant route's request, in the snapshot or transaction in which it is judged: the one that
/// X-Run-Id names, else the one of the client's trace, else none. Events and audit rows take it from the caller.
/// Returns the refusal when the request cannot belong to the run it names (run.not_found, run.finished); the caller
/// then has no run. The request must be refused so once the gates let it pass. May be called again.
std::optional<Code> enter_run(const store::Reader& reader, Exchange& exchange);

/// `[A-Za-z0-9._-]{1,64}` from X-Request-Id, else a new UUIDv7.
std::string request_id_of(const RequestHead& head);
/// The trace id of a valid traceparent (W3C Trace Context section 3.2): 32 lower-case hex digits, not all zero.
std::optional<std::string> trace_id_of(std::string_view traceparent);

}  // namespace nexus::http
