// Which run a request belongs to, by construction for every tenant route: the one that X-Run-Id names, else the one of
// the trace that the client brought, else none. The dispatcher asks in the snapshot or transaction in which it judges
// the request; events and audit rows take the answer from the caller.
#pragma once
#include <optional>

#include "daemon/http/exchange.hpp"

namespace nexus::http {

/// Sets the caller's run_id. Answers why the request cannot belong to the run it names (run.not_found, run.finished),
/// to be refused with once the gates have let it pass; the caller then has no run. May be asked again.
std::optional<Code> enter_run(const store::Reader& reader, Exchange& exchange);

}  // namespace nexus::http
