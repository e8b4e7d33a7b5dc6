#include "cli/commands/actions.hpp"

#include <utility>

namespace nexus::cli {

std::map<std::string, Json> actions_of_daemon(Session& session) {
  const Json document = session.call({.path = "/openapi.json", .scope = Scope::open}).json;
  std::map<std::string, Json> actions;
  for (const auto& [path, operations] : document.at("paths").items())
    for (const auto& [method, operation] : operations.items()) {
      const std::string policy = operation.value("x-nexus-policy", ""), action = operation.value("x-nexus-action", "");
      if (action.empty() || policy == "none" || policy == "audited") continue;
      std::string verb = method;
      for (char& c : verb) c = static_cast<char>(c - 'a' + 'A');
      Json& item = actions[action];
      if (item.is_null())
        item = {{"action", action}, {"policy", policy}, {"surface", operation.value("x-nexus-surface", "")}};
      item["routes"].push_back(verb + " " + path);
    }
  return actions;
}

}  // namespace nexus::cli
