// What the parts of the dispatcher share: what they know of the installation, how they run work that may block, how
// they ask the gates and how they answer.
#pragma once
#include <functional>
#include <string>

#include "daemon/gates/decision.hpp"
#include "daemon/guard/rate_limit.hpp"
#include "daemon/http/answers.hpp"
#include "daemon/http/fair_executor.hpp"
#include "daemon/http/gate_questions.hpp"

namespace nexus::http {

/// What the installation tells the dispatcher.
struct DispatcherOptions {
  OriginOptions origins;
  AccessOptions access;
  SpanSink* spans = nullptr;  // takes the spans of requests and of their units; null: nobody does
  Quota default_quota;
  std::string instance_id;
  bool refuse_local_blobs_in_prod = true;
  gates::Strictness strict;
  /// Whether free space is below the reserve that is kept for refusals, kill switches and revocations. Cheap.
  std::function<bool()> disk_is_low = [] { return false; };
  /// On a full disk, frees the space reserved for kill switches and revocations. Returns whether there was any to free.
  std::function<bool()> make_room = [] { return false; };
  /// The lanes for what may block: one for waiting on stored objects, one for reads that compute. They are separate so
  /// that a store that hangs delays nothing else. Both must outlive the dispatcher.
  FairExecutor* storage = nullptr;
  FairExecutor* long_reads = nullptr;
  /// Called on a thread of the writer when a membership, a token, a tenant, a kill switch or a flag changed.
  std::function<void()> permissions_changed = [] {};
  /// Called on a thread of the writer when a deletion left something that housekeeping must remove.
  std::function<void()> keep_house = [] {};
  /// How many daemons share each quota. Cheap.
  std::function<std::int64_t()> daemons = [] { return 1; };
};

/// What it refers to must outlive it.
struct Common {
  store::Database& database;
  Guard& guard;
  const DispatcherOptions options;
  const OriginRules origins{options.origins};
  const GateQuestions questions{options.strict};
  Answers answers{database, options.instance_id, origins, options.access, options.spans};
  FairExecutor& storage = *options.storage;
  FairExecutor& long_reads = *options.long_reads;
};

// ---- work on a lane, as a part of the share of the request's tenant -------------------------------------------------

/// Begins work of the request, which holds its body or what was made of it. Throws Problem rate_limit_exceeded where
/// as much work of its tenant waits as may.
void begin_on(FairExecutor& lane, const Exchange& exchange, FairExecutor::Task task);
/// The refusal of begin_on, where the work begins with a later step; else nothing.
std::optional<Problem> refusal_of(const FairExecutor& lane, const Exchange& exchange);

// ---- what the client gets for a unit of the writer: the receipt of its audit row, or the refusal -------------------

/// The public answer for a store's failure. `result` is not `applied` and not `refused`.
Problem problem_of(const store::Result& result);

/// Whether the route's unit may enter a full queue.
bool is_urgent(const Route& route);
/// Hands the unit of the exchange to the writer, at the route's priority and as a part of its tenant's share. `bytes`:
/// about how many it writes. When the queue is full, `done` is called at once: not applied, busy. `asks` says what the
/// unit reads; may be empty.
void submit(store::Database& database, const Exchange& exchange, std::size_t bytes, store::Unit unit,
            const store::Done& done, store::Asks asks = {});

/// Appends the row. An act whose row cannot be written is not done. A broken constraint on the row is not the client's
/// conflict, as it would be elsewhere, so it throws Problem audit.unavailable. `in_run`: an event of the act, written
/// at the same time, has noted it in its run.
audit::Receipt append_row(store::Tx& tx, std::string_view instance_id, const audit::Act& act, Micros now,
                          bool in_run = false);
void add_receipt(Response& response, std::int64_t seq, const std::string& hash);
/// Appends the row of a refusal by the gates, and returns the answer with the row's receipt.
Response append_block(store::Tx& tx, std::string_view instance_id, audit::Act act, const gates::Decision& decision);

}  // namespace nexus::http
