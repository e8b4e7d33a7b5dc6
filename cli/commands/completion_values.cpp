#include "cli/commands/completion_values.hpp"

#include <set>

#include "cli/commands/settings_documents.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kAssetsMax = 4;
constexpr int kAtomsMax = 50;  // of one asset

/// A read by the system token would leave a row; to press a key is no act of the operator.
bool may_ask(Session& session, Scope scope) {
  if (scope == Scope::open) return true;
  return session.token() && (scope != Scope::tenant || !session.token()->starts_with("nxr_"));
}

std::vector<Json> events_of(Session& session, const char* type) {
  return listed(session, {.path = "/events", .query = {{"event_type", type}}});
}

/// Atoms are listed by their asset, and an event tells which assets have some.
std::vector<Offer> atoms(Session& session) {
  std::set<std::string> assets;
  std::vector<Offer> offers;
  for (const Json& event : events_of(session, "atom_created")) {
    const std::string asset = cell_at(event, "asset_id");
    if (assets.size() == kAssetsMax || !assets.insert(asset).second) continue;
    for (const Json& atom : listed(session, {.path = "/nexus/atoms", .query = {{"raw_asset_id", asset}}}, kAtomsMax))
      offers.push_back({cell_at(atom, "atom_id"), cell_at(atom, "content")});
  }
  return offers;
}

/// There is no list of sessions, since each is its creator's own. Of another's, an admin must name him: --user-id.
std::vector<Offer> memory_sessions(Session& session) {
  std::set<std::string> names;
  std::vector<Offer> offers;
  for (const Json& event : events_of(session, "memory_turn_created")) {
    const std::string name = cell_at(event, "output.session_id");
    if (!name.empty() && names.insert(name).second)
      offers.push_back({name, cell_at(event, "output.shared") == "true" ? "shared" : cell_at(event, "actor_id")});
  }
  return offers;
}

std::vector<Offer> documents(Session& session) {
  std::vector<Offer> offers = {{"surface", ""}};
  for (const std::string kind : {"app", "connector"})
    for (const Json& card : listed(session, {.path = "/nexus/settings/" + kind + "s"}))
      offers.push_back({kind + "/" + cell_at(card, "header.name"), "version " + cell_at(card, "version")});
  return offers;
}

std::vector<Offer> versions(Session& session, const std::string& document) {
  std::vector<Offer> offers;
  for (const Json& card : listed(session, {.path = path_of_settings(document, false), .query = {{"history", "true"}}}))
    offers.push_back({cell_at(card, "version"), cell_at(card, "created_at") + " by " + cell_at(card, "created_by")});
  return offers;
}

}  // namespace

std::vector<Json> listed(Session& session, ApiRequest request, int most) {
  if (!may_ask(session, request.scope)) return {};
  request.query.emplace_back("limit", std::to_string(most));
  request.preliminary = true;
  request.retry = false;
  return session.call(request).json.at("items").get<std::vector<Json>>();
}

std::optional<std::vector<Offer>> gathered_values(Session& session, const Cursor& cursor, const std::string& group,
                                                  const std::string& parameter) {
  if (parameter == "ATOM_ID") return atoms(session);
  if (group == "memory" && parameter == "SESSION") return memory_sessions(session);
  if (group != "settings") return std::nullopt;
  if (parameter == "DOCUMENT") return documents(session);
  if (parameter == "FROM" || parameter == "TO") return versions(session, cursor.values.text("DOCUMENT"));
  return std::nullopt;
}

}  // namespace nexus::cli
