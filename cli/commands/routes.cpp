// nexusctl routes: what the daemon answers, to whom, through which gates, within which limits.
#include <algorithm>
#include <iterator>

#include "cli/commands/route_table.hpp"
#include "cli/engine/command.hpp"
#include "daemon/base/nearest.hpp"
#include "daemon/identity/models.hpp"

namespace nexus::cli {
namespace {

const Shape kRouteShape = {
    "path",
    {"method", "path", "role", "action", "gates", "limits.body_bytes", "limits.requests", "limits.window_seconds"}};

/// Who may call a route, from everybody on; whoever stands here may call what those before it may.
std::vector<std::string> callers() {
  std::vector<std::string> names = {"open", "presigned", "token"};
  names.insert(names.end(), std::begin(identity::kRoles), std::end(identity::kRoles));
  names.emplace_back(to_string(Role::system));
  return names;
}

/// The roles of routes that ROLE may call. Throws a usage error for a word that is no role, since it would list
/// nothing.
std::vector<std::string> roles_up_to(const std::string& role) {
  std::vector<std::string> names = callers();
  const auto found = std::ranges::find(names, role);
  if (found == names.end()) throw usage_error("--role wants " + either_of(names), "nexusctl routes --role admin");
  names.erase(found + 1, names.end());
  return names;
}

int run_routes(Session& session, const Values& values) {
  const std::string prefix = values.find("--path").value_or("/");
  const auto role = values.find("--role");
  const auto roles = role ? roles_up_to(*role) : std::vector<std::string>();
  Json items = Json::array();
  for (Json& route : routes_of_daemon(session)) {
    const bool is_below = route.at("path").get_ref<const std::string&>().starts_with(prefix);
    const bool is_theirs = !role || std::ranges::find(roles, cell_at(route, "role")) != roles.end();
    if (is_below && is_theirs) items.push_back(std::move(route));
  }
  if (items.empty()) session.note("no route is like that");
  session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, kRouteShape);
  return 0;
}

constexpr const char* kRoutesDescription = R"(
The daemon prints this list from the table that it enforces: nothing is written down twice. `role` is the least role
in the tenant; `system` is the system token alone, `token` any valid token, `presigned` whoever holds a form or link
that the daemon signed, and `open` everybody. --role lists all that such a caller may call, what needs less too: a
member calls what a viewer calls, and everybody what is `open`.

`gates` are those that judge the act, in their order. Whatever they are, a user whom a kill switch names is refused
everything, and what only tightens is never gated.

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
              "nexusctl routes --role member -o csv",
          .parameters = {option("--path", "PREFIX", "only paths that begin so"),
                         one_of(callers(),
                                option("--role", "ROLE", "only what this caller may call: " + either_of(callers())))},
          .run = run_routes};
}

}  // namespace nexus::cli
