// nexusctl routes: what the daemon answers, to whom, through which gates, within which limits.
#include <algorithm>

#include "cli/commands/route_table.hpp"
#include "cli/engine/command.hpp"
#include "daemon/base/nearest.hpp"

namespace nexus::cli {
namespace {

const Shape kRouteShape = {
    "path",
    {"method", "path", "role", "action", "gates", "limits.body_bytes", "limits.requests", "limits.window_seconds"}};

/// Throws a usage error for a word that is no role of a route, since it would list nothing.
void require_role(const std::string& role) {
  const std::vector<std::string> roles = {"open", "presigned", "token", "viewer", "member", "admin", "owner", "system"};
  if (std::ranges::find(roles, role) == roles.end())
    throw usage_error("--role wants " + either_of(roles), "nexusctl routes --role admin");
}

int run_routes(Session& session, const Values& values) {
  const std::string prefix = values.find("--path").value_or("/");
  const auto role = values.find("--role");
  if (role) require_role(*role);
  Json items = Json::array();
  for (Json& route : routes_of_daemon(session)) {
    const bool is_below = route.at("path").get_ref<const std::string&>().starts_with(prefix);
    if (is_below && (!role || route.at("role") == *role)) items.push_back(std::move(route));
  }
  if (items.empty()) session.note("no route is like that");
  session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, kRouteShape);
  return 0;
}

constexpr const char* kRoutesDescription = R"(
The daemon prints this list from the table that it enforces: nothing is written down twice. `role` is the least role
in the tenant; `system` is the system token alone, `token` any valid token, `presigned` whoever holds a form or link
that the daemon signed, and `open` everybody. `gates` are those that judge the act, in their order. Whatever they are,
a user whom a kill switch names is refused everything, and what only tightens is never gated.

`body_bytes` is the largest body. `requests` in `window_seconds` is the rate that the daemon gives a tenant, env and
action; nexusctl-limits(1) shows what a tenant has set itself. With -o json each route also has its `surface`, its
`policy`, and of its `limits` those of files and batches, and `fixed` where no limit of a tenant counts.)";

}  // namespace

Command routes_command() {
  return {.name = "routes",
          .topic = Topic::operate,
          .summary = "list what the daemon answers: method, path, role, action, gates, limits",
          .description = kRoutesDescription,
          .see_also = "nexusctl-gate(1), nexusctl-kill(1), nexusctl-limits(1), nexus-limits(7)",
          .example =
              "nexusctl routes --path /nexus/raw\n"
              "nexusctl routes --role system -o csv",
          .parameters = {option("--path", "PREFIX", "only paths that begin so"),
                         option("--role", "ROLE",
                                "only where this is the least role: viewer, member, admin or owner; or system, token, "
                                "presigned, open")},
          .run = run_routes};
}

}  // namespace nexus::cli
