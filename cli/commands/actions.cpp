#include "cli/commands/actions.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/nearest.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

/// Of the routes of every policy.
std::map<std::string, Json> all_actions(Session& session, bool aside) {
  const Json document = session.call({.path = "/openapi.json", .scope = Scope::open, .preliminary = aside}).json;
  std::map<std::string, Json> actions;
  for (const auto& [path, operations] : document.at("paths").items())
    for (const auto& [method, operation] : operations.items()) {
      const std::string policy = operation.value("x-nexus-policy", ""), action = operation.value("x-nexus-action", "");
      if (action.empty()) continue;
      std::string verb = method;
      for (char& c : verb) c = static_cast<char>(c - 'a' + 'A');
      Json& item = actions[action];
      if (item.is_null())
        item = {{"action", action}, {"policy", policy}, {"surface", operation.value("x-nexus-surface", "")}};
      item["routes"].push_back(verb + " " + path);
    }
  return actions;
}

/// The declared dangerous actions, which acts outside Nexus ask by. None where the caller may not read them; nothing
/// where the daemon is too busy to tell.
std::optional<Json> dangers_of(Session& session) {
  if (!session.settings().tenant || !session.settings().env) return Json::object();
  const Answer answer = session.attempt({.path = "/firearms/dangerous-actions", .preliminary = true});
  if (answer.status == 429 || answer.status / 100 == 5) return std::nullopt;
  return answer.status == 200 && answer.json.is_object() ? answer.json : Json::object();
}

}  // namespace

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
  if (!dangers || dangers->contains(name)) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& [known, item] : actions) names.push_back(known);
  for (const auto& [known, level] : dangers->items()) names.push_back(known);
  const auto near = nearest(name, names);
  return "the daemon does not know the action " + name + (near ? " (did you mean " + *near + "?)" : "");
}

}  // namespace nexus::cli
