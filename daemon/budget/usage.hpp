// Recording usage: one event or a batch of them, all or none. A usage_id identifies one event: sent again with equal
// values it counts once, with others it is refused. The event, its cost rollups and the numbers in its metadata are
// written in one transaction. All that is no SQL is done before that transaction, or after it.
#pragma once
#include "daemon/budget/budget.hpp"
#include "daemon/budget/limits.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/http/route.hpp"

namespace nexus::budget {

/// The write handler of POST /budget/usage.
http::Write record_usage(http::Input& input);
/// Makes an event, which was a mistake, count no more.
http::Applied void_usage(store::Tx& tx, const Caller& caller, const domain::Voiding& voiding);
Json usage_json(const UsageEvent& event);
/// Keeps the first currency that is written. Throws Problem for another one; `pointer` leads to the one that was sent.
void keep_currency(store::Tx& tx, Realm realm, const std::string& currency, const std::string& pointer);

}  // namespace nexus::budget
