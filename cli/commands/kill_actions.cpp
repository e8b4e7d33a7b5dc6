#include "cli/commands/kill_actions.hpp"

#include <algorithm>
#include <utility>

#include "cli/commands/actions.hpp"

namespace nexus::cli {
namespace {

const Shape kActionShape = {"action",
                            {"action", "surface", "policy", "level", "blocked", "blocked_by", "switch", "expires_at"}};

/// What the gate says of every action that a switch can stop; nothing, with a note that says why, where it is not told.
std::optional<Json> find_states(Session& session) {
  const char* const unknown = "what is blocked is not known: ";
  if (!session.settings().tenant || !session.settings().env) {
    session.note(std::string(unknown) + "no tenant and env are given");
    return std::nullopt;
  }
  try {
    return session.call({.path = "/kill-switches/actions"}).json.at("items");
  } catch (const Refusal& refusal) {
    if (refusal.status / 100 == 5) throw;
    session.note(std::string(unknown) + refusal.what());
  } catch (const Failure& failure) {
    if (failure.exit != Exit::unauthenticated) throw;
    session.note(std::string(unknown) + failure.what());
  }
  return std::nullopt;
}

/// The same where nobody says what is blocked: the actions that the kill switch judges, and those declared dangerous.
Json states_unknown(const std::map<std::string, Json>& actions, const Json& levels) {
  std::vector<std::string> names;
  for (const auto& [name, action] : actions) {
    const Json& gates = action.at("gates");
    if (std::ranges::find(gates, Json("kill_switch")) != gates.end()) names.push_back(name);
  }
  for (const auto& [name, level] : levels.items())
    if (!actions.contains(name)) names.push_back(name);
  std::ranges::sort(names);
  Json items = Json::array();
  for (const std::string& name : names)
    items.push_back({{"action", name},
                     {"blocked", nullptr},
                     {"blocked_by", nullptr},
                     {"switch", nullptr},
                     {"expires_at", nullptr}});
  return items;
}

/// An act that no route has.
const Json& outside_action() {
  static const Json kOutside = {
      {"policy", nullptr}, {"surface", nullptr}, {"gates", Json::array()}, {"routes", Json::array()}};
  return kOutside;
}

int run_kill_actions(Session& session, const Values&) {
  const auto actions = actions_of_daemon(session);
  const Json levels = dangers_of(session).value_or(Json::object());
  const auto states = find_states(session);
  Json items = Json::array();
  for (Json item : states ? *states : states_unknown(actions, levels)) {
    const std::string name = item.at("action").get<std::string>();
    const auto known = actions.find(name);
    item.update(known == actions.end() ? outside_action() : known->second);
    item["level"] = value_at(levels, name);
    items.push_back(std::move(item));
  }
  session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, kActionShape);
  return 0;
}

constexpr const char* kActionsDescription = R"(
The list is that of the daemon's own gate. It says whether each action is blocked now in this tenant and env: by the
tenant or by the operator, by the switch on its name or on `*`, and until when. A switch on `gates_check` blocks every
act outside. Admins and owners see that; without a tenant and env, and for others, it is left open, and a note says why.
A route may have further gates, which nexusctl-gate(1) asks.

Acts outside Nexus have names of their own: declared dangerous actions (nexusctl-firearms(1)) are taken as they are, any
other name with --outside. They have no surface and no policy; `level` is that of the licence that an action needs.)";

}  // namespace

Command actions_of_kill() {
  return {.name = "actions",
          .summary = "list the actions that a switch can stop, and which are blocked now",
          .description = kActionsDescription,
          .example = "nexusctl kill actions\nnexusctl kill actions -o json",
          .run = run_kill_actions,
          .beyond_curl = "asks three routes"};
}

}  // namespace nexus::cli
