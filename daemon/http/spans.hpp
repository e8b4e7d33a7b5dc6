// How the work of a request is told to whoever takes spans: the request, its units of the writer, and what runs for it
// on a lane. Where nobody takes spans, all of this costs one comparison.
//
// Threads: any.
#pragma once
#include "daemon/http/access_log.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/http/fair_executor.hpp"
#include "store/work.hpp"

namespace nexus::http {

/// Tells of the answered request with what its line of the log says. Where memory is short, nothing is told.
void tell_request(const SpanContext& context, const AccessLine& line) noexcept;
/// `done`, which also tells of the unit: from now, when it is handed to the writer, until it is committed or not.
store::Done told_of_unit(const Exchange& exchange, const store::Done& done);
/// The task, whose calls to other servers belong to the request.
FairExecutor::Task within(const Exchange& exchange, FairExecutor::Task task);

}  // namespace nexus::http
