#include "cli/commands/route_table.hpp"

#include "daemon/base/route_list.hpp"

namespace nexus::cli {

std::vector<Json> routes_of_daemon(Session& session, bool aside) {
  return routes_of(session.call({.path = "/openapi.json", .scope = Scope::open, .preliminary = aside}).json);
}

}  // namespace nexus::cli
