// What the client gets for a unit of the writer: the receipt of its audit row, or the refusal.
#pragma once
#include <string_view>

#include "daemon/audit/chain.hpp"
#include "daemon/http/response.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

/// The public answer for a store's failure. `result` is not `applied` and not `refused`.
Problem problem_of(const store::Result& result);

/// Whether the route's unit may enter a full queue.
bool is_urgent(const Route& route);
/// Hands the unit to the writer, at the route's priority. When the queue is full, `done` is called at once: not
/// applied, busy.
void submit(store::Database& database, const Route& route, store::Writer::Unit unit, const store::Writer::Done& done);

/// Appends the row. An act whose row cannot be written is not done. A broken constraint on the row is not the client's
/// conflict, as it would be elsewhere, so it throws Problem audit.unavailable.
audit::Receipt append_row(store::Tx& tx, std::string_view instance_id, const audit::Act& act, Micros now);
void add_receipt(Response& response, std::int64_t seq, const std::string& hash);
/// Appends the row of a refusal by the gates, and returns the answer with the row's receipt.
Response append_block(store::Tx& tx, std::string_view instance_id, audit::Act act, const gates::Decision& decision);

}  // namespace nexus::http
