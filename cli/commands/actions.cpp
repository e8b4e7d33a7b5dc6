#include "cli/commands/actions.hpp"

#include <algorithm>
#include <utility>

#include "cli/commands/route_table.hpp"
#include "daemon/base/nearest.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

/// Of the routes of every policy.
std::map<std::string, Json> all_actions(Session& session, bool aside) {
  std::map<std::string, Json> actions;
  for (const Json& route : routes_of_daemon(session, aside)) {
    if (!route.at("action").is_string()) continue;
    Json& item = actions[route.at("action").get<std::string>()];
    if (item.is_null())
      for (const char* key : {"action", "policy", "surface", "gates"}) item[key] = route.at(key);
    item["routes"].push_back(cell_text(route.at("method")) + " " + cell_text(route.at("path")));
  }
  return actions;
}

}  // namespace

std::optional<Json> dangers_of(Session& session) {
  if (!session.settings().tenant || !session.settings().env || !session.token()) return Json::object();
  const Answer answer = session.attempt({.path = "/firearms/dangerous-actions", .preliminary = true});
  if (answer.status == 429 || answer.status / 100 == 5) return std::nullopt;
  return answer.status == 200 && answer.json.is_object() ? answer.json : Json::object();
}

std::map<std::string, Json> actions_of_daemon(Session& session, bool aside) {
  auto actions = all_actions(session, aside);
  std::erase_if(actions, [](const auto& entry) {
    const Json& policy = entry.second.at("policy");
    return policy == "none" || policy == "audited";
  });
  return actions;
}

std::optional<std::string> find_unknown(Session& session, const std::string& action) {
  const std::string name = normal_name(action).value_or(action);
  const auto actions = all_actions(session, true);
  if (name == "*" || actions.contains(name)) return std::nullopt;
  const auto dangers = dangers_of(session);
  if (!dangers) throw Failure(Exit::throttled, "the daemon is too busy to tell what is declared dangerous");
  if (dangers->contains(name)) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& [known, item] : actions) names.push_back(known);
  for (const auto& [known, level] : dangers->items()) names.push_back(known);
  const auto near = nearest(name, names);
  return "the daemon does not know the action " + name + (near ? " (did you mean " + *near + "?)" : "");
}

}  // namespace nexus::cli
