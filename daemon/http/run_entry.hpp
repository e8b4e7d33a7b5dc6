// The run of a request, for every tenant route: the one that X-Run-Id names, else the one of the client's trace, else
// none. The dispatcher determines it in the snapshot or transaction in which it judges the request. Events and audit
// rows take it from the caller.
#pragma once
#include <optional>

#include "daemon/http/exchange.hpp"

namespace nexus::http {

/// Sets the caller's run_id. Returns the refusal when the request cannot belong to the run it names (run.not_found,
/// run.finished); the caller then has no run. The request must be refused so once the gates let it pass. May be called
/// again.
std::optional<Code> enter_run(const store::Reader& reader, Exchange& exchange);

}  // namespace nexus::http
