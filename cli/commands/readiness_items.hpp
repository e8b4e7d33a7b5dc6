// The production checklist of `nexusctl readiness`, as a table. An item proves one promise by requests of its own. It
// returns its evidence in one line (counts, statuses, ids), or throws a Failure (negative) that says what was
// otherwise.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/commands/readiness_walk.hpp"

namespace nexus::cli::readiness {

struct Item {
  std::string id;     // for scripts: never changes its meaning
  std::string title;  // the promise
  std::function<std::string(Walk&)> prove;
};

/// In the order of the walk.
std::vector<Item> items();

/// Those that knock at the routes as somebody who must not come in (readiness_doors.cpp).
std::string rails_refuse_strangers(Walk& walk);
std::string routes_refuse_no_token(Walk& walk);
std::string routes_refuse_the_wrong_tenant(Walk& walk);
std::string routes_refuse_the_wrong_env(Walk& walk);
std::string temperature_is_closed(Walk& walk);
std::string chat_is_closed(Walk& walk);
std::string unknown_tenant_is_nowhere(Walk& walk);

/// Those that store (readiness_storage.cpp).
std::string raw_keys_are_prefixed(Walk& walk);
std::string media_keys_are_prefixed(Walk& walk);
std::string prod_has_no_local_storage(Walk& walk);

/// Those that act and read the log (readiness_acts.cpp).
std::string audit_is_wired(Walk& walk);
std::string audit_is_traced(Walk& walk);
std::string audit_verifies(Walk& walk);
std::string gates_run_in_order(Walk& walk);

}  // namespace nexus::cli::readiness
