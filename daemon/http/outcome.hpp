// What the writer made of a unit, towards the client: the receipt of its audit row, or the refusal.
#pragma once
#include <string_view>

#include "daemon/audit/chain.hpp"
#include "daemon/http/response.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

/// The public answer for a store's failure. `result` is not `applied` and not `refused`.
Problem problem_of(const store::Result& result);

/// Whether its unit may enter a full queue.
bool is_urgent(const Route& route);
/// Hands the unit to the writer, at the route's priority. False when the queue is full: `done` is not called then.
bool submit(store::Database& database, const Route& route, store::Writer::Unit unit, store::Writer::Done done);

/// Appends the row. Whatever keeps it from being written keeps the act from being done: a broken constraint on it is no
/// conflict of the client's, as it would be elsewhere, and is thrown as Problem audit.unavailable.
audit::Receipt append_row(store::Tx& tx, std::string_view instance_id, const audit::Act& act, Micros now);
void add_receipt(Response& response, std::int64_t seq, const std::string& hash);
/// The row of what the gates refused, and the answer to it with the row's receipt.
Response append_block(store::Tx& tx, std::string_view instance_id, audit::Act act, const gates::Decision& decision);

}  // namespace nexus::http
