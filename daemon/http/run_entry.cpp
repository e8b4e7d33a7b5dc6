#include "daemon/http/run_entry.hpp"

#include "daemon/http/problems.hpp"
#include "store/model_rows.hpp"
#include "store/runs.hpp"

namespace nexus::http {

std::optional<Code> enter_run(const store::Reader& reader, Exchange& exchange) {
  Caller& caller = exchange.caller;
  caller.run_id.reset();
  if (exchange.route->demand.scope != Scope::header) return std::nullopt;  // runs belong to an env
  const std::string* named = exchange.head.find("x-run-id");
  if (named == nullptr) {
    if (caller.traced) caller.run_id = caller.trace_id;
    return std::nullopt;
  }
  const auto run = store::find_row<runs::kRun>(reader, caller.realm(), *named);
  if (!run) return problems::run_not_found;
  if (run->status != "running") return problems::run_finished;
  caller.run_id = run->run_id;
  return std::nullopt;
}

}  // namespace nexus::http
