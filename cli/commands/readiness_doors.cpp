// The items of readiness that knock at every route of the daemon's own table as somebody who must not come in. Whatever
// is wrong with a daemon, a knock changes nothing: bodies hold a field that no route knows, and ids lead nowhere.
#include <algorithm>
#include <map>
#include <string_view>

#include "cli/commands/readiness_items.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"

namespace nexus::cli::readiness {
namespace {

using Words = std::vector<std::string_view>;

/// Where a route takes its tenant from.
enum class Place { header, path, none };

struct Door {
  std::string method, pattern;
  Place place;
  bool for_system;  // by its path it stands in no tenant, and is the system's
  Probe probe(const std::string& tenant = kTenant) const;
  std::string name() const { return method + " " + pattern; }
};

/// Routes that are open to all by design. The daemon's word for it does not count: a table that calls every route open
/// would else be believed.
const Words kOpen = {"/livez", "/readyz", "/version", "/openapi.json", "/problems/", "/metrics", "/blobs/"};
/// Routes of identity and of the whole installation, which stand in no tenant.
const Words kAtLarge = {"/auth/", "/backup", "/doctor", "/tokens", "/users"};
const Words kRails = {"/ws/", "/sse/"};
const Words kTemperature = {"/temperature/"};
const Words kChat = {"/chat/"};
/// What the table must name at least: a walk over a list that lost some would prove nothing of them.
const Words kPlanes = {"/nexus/raw",       "/nexus/cards",      "/nexus/search", "/nexus/influence-pack",
                       "/nexus/settings/", "/nexus/runs",       "/nexus/atoms",  "/nexus/memory/",
                       "/maybes/",         "/analytics/events", "/media-v2/",    "/canvas",
                       "/audit",           "/kill-switches",    "/gates/",       "/tenants/{tenant_id}/members"};

bool begins_with_any(std::string_view path, const Words& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return path.starts_with(word); });
}

/// A path whose ids are of nothing; `{tenant_id}` becomes the tenant.
std::string filled(const std::string& pattern, const std::string& tenant) {
  static const std::map<std::string, std::string, std::less<>> kKnown = {{"user_id", "u_readiness_nobody"},
                                                                         {"seq", "999999999"}};
  std::string path;
  std::size_t done = 0;
  for (auto open = pattern.find('{'); open != std::string::npos; open = pattern.find('{', done)) {
    const auto close = pattern.find('}', open);
    const std::string name = pattern.substr(open + 1, close - open - 1);
    const auto known = kKnown.find(name);
    const std::string absent = known == kKnown.end() ? "01900000-0000-7000-8000-000000000000" : known->second;
    path += pattern.substr(done, open - done) + (name == "tenant_id" ? tenant : absent);
    done = close + 1;
  }
  return path + pattern.substr(done);
}

Probe Door::probe(const std::string& tenant) const {
  Probe probe{.method = method, .path = filled(pattern, tenant)};
  if (method == "POST" || method == "PUT" || method == "PATCH") probe.body = Json{{"readiness_probe", true}};
  if (pattern.starts_with("/ws/"))
    probe.headers = {{"Connection", "Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", base64(random_bytes(16))}};
  return probe;
}

Door door_of(const Json& route) {
  Door door{cell_at(route, "method"), cell_at(route, "path"), Place::header, false};
  const bool at_large = begins_with_any(door.pattern, kAtLarge) || door.pattern == "/tenants";
  if (door.pattern.starts_with("/tenants/{")) door.place = Place::path;
  if (at_large) door.place = Place::none;
  door.for_system = at_large && value_at(route, "role") == "system";
  return door;
}

/// The routes that begin with one of `words`; of each of `wanted` there must be one.
std::vector<Door> doors(const Walk& walk, const Words& words, const Words& wanted, const Words& others = {}) {
  std::vector<Door> found;
  for (const Json& route : walk.routes) {
    Door door = door_of(route);
    if (begins_with_any(door.pattern, words) && !begins_with_any(door.pattern, others)) found.push_back(door);
  }
  for (const std::string_view word : wanted)
    require(std::ranges::any_of(found, [&](const Door& door) { return door.pattern.starts_with(word); }),
            "the daemon's route table names nothing below " + std::string(word));
  return found;
}

/// Every route that is not open, and that no other item walks.
std::vector<Door> plain_doors(const Walk& walk) {
  Words others = kOpen;
  for (const Words* words : {&kRails, &kTemperature, &kChat}) others.insert(others.end(), words->begin(), words->end());
  return doors(walk, {"/"}, kPlanes, others);
}

/// Counts the answers of one item, and keeps those that were not as wanted.
class Tally {
 public:
  void take(const std::string& door, const Answer& answer, const std::string& wanted) {
    const std::string got = outcome_of(answer);
    if (got == wanted) {
      ++counts_[wanted];
      return;
    }
    ++missed_;
    if (missed_ <= 3) misses_ += (misses_.empty() ? "" : "; ") + door + " answered " + got + ", not " + wanted;
  }

  /// `66 x 401 auth.missing_token, ...`; throws a Failure (negative) with the misses.
  std::string evidence() const {
    const std::string more = missed_ > 3 ? "; and " + std::to_string(missed_ - 3) + " more" : "";
    require(missed_ == 0, misses_ + more);
    std::string text;
    for (const auto& [outcome, count] : counts_)
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " x " + outcome;
    require(!text.empty(), "nothing was asked");
    return text;
  }

 private:
  std::map<std::string, int> counts_;
  std::string misses_;
  int missed_ = 0;
};

void without_token(Walk& walk, const std::vector<Door>& all, Tally& tally) {
  for (const Door& door : all)
    tally.take(door.name() + " without token", walk.knock(door.probe(), {""}), "401 auth.missing_token");
}

void as_stranger(Walk& walk, const std::vector<Door>& all, Tally& tally) {
  for (const Door& door : all) {
    if (door.place == Place::none && !door.for_system) continue;  // about oneself: open to any token
    tally.take(door.name() + " by a stranger", walk.knock(door.probe(), {walk.cast.stranger}),
               door.place == Place::none ? "403 auth.insufficient_role" : "403 auth.not_a_member");
  }
}

/// The owner's token is good for env dev alone; routes with the tenant in their path stand in env prod.
void in_wrong_env(Walk& walk, const std::vector<Door>& all, Tally& tally) {
  const auto knock = [&](const Door& door, const std::string& env, const char* wanted) {
    tally.take(door.name() + (env.empty() ? " without env" : " in env " + env),
               walk.knock(door.probe(), {walk.cast.owner, kTenant, env}), wanted);
  };
  for (const Door& door : all) {
    if (door.place == Place::path) knock(door, "", "403 auth.not_a_member");
    if (door.place != Place::header) continue;
    knock(door, "staging", "403 auth.not_a_member");
    knock(door, "production", "400 context.invalid_env");
    knock(door, "", "400 context.missing_env");
  }
}

/// A door that is closed to all proves nothing about strangers.
std::string let_in(Walk& walk, Probe probe) {
  const Answer answer = walk.knock(probe, walk.owner());
  require_outcome(answer, "GET " + probe.path + " by a member", "200");
  return "; GET " + probe.path + " by a member 200";
}

std::string closed_to_all_but_members(Walk& walk, const std::vector<Door>& all, Probe open) {
  Tally tally;
  without_token(walk, all, tally);
  as_stranger(walk, all, tally);
  in_wrong_env(walk, all, tally);
  return std::to_string(all.size()) + " routes: " + tally.evidence() + let_in(walk, std::move(open));
}

}  // namespace

std::string rails_refuse_strangers(Walk& walk) {
  const auto all = doors(walk, kRails, {"/ws/chat/", "/sse/chat/", "/sse/events", "/sse/audit"});
  Tally tickets;
  for (const Door& door : all) {
    Probe probe = door.probe();
    probe.query = {{"ticket", "nobody-made-this"}};
    if (door.method == "GET")
      tickets.take(door.name() + " with a forged ticket", walk.knock(probe, {"", "", ""}), "401 auth.invalid_ticket");
  }
  return closed_to_all_but_members(walk, all, {.path = "/sse/events"}) + "; " + tickets.evidence();
}

std::string routes_refuse_no_token(Walk& walk) {
  const auto all = plain_doors(walk);
  Tally tally;
  without_token(walk, all, tally);
  return std::to_string(all.size()) + " routes: " + tally.evidence() + let_in(walk, {.path = "/nexus/cards"});
}

std::string routes_refuse_the_wrong_tenant(Walk& walk) {
  Tally tally;
  as_stranger(walk, plain_doors(walk), tally);
  return "a token of no member: " + tally.evidence() + let_in(walk, {.path = "/nexus/cards"});
}

std::string routes_refuse_the_wrong_env(Walk& walk) {
  Tally tally;
  in_wrong_env(walk, plain_doors(walk), tally);
  return "a token of env dev: " + tally.evidence() + let_in(walk, {.path = "/nexus/cards"});
}

std::string temperature_is_closed(Walk& walk) {
  const auto all = doors(walk, kTemperature, {"/temperature/config", "/temperature/floors"});
  Tally viewers;
  for (const Door& door : all)
    if (door.method == "PUT")
      viewers.take(door.name() + " by a viewer", walk.knock(door.probe(), {walk.cast.viewer}),
                   "403 auth.insufficient_role");
  const Probe open = {.path = "/temperature/config", .query = {{"surface", "maybes"}}};
  return closed_to_all_but_members(walk, all, open) + "; " + viewers.evidence();
}

std::string chat_is_closed(Walk& walk) {
  return closed_to_all_but_members(walk, doors(walk, kChat, {"/chat/threads"}), {.path = "/chat/threads"});
}

/// The system token may act on every tenant there is: who is refused even so does not exist.
std::string unknown_tenant_is_nowhere(Walk& walk) {
  const std::string unknown = "t_unknown";
  const std::string wanted = "400 context.invalid_tenant";
  Tally tally;
  for (const Door& door : doors(walk, {"/"}, kPlanes, kOpen)) {
    const bool in_path = door.pattern.find("{tenant_id}") != std::string::npos;
    if (door.place == Place::none && !in_path) continue;
    tally.take(door.name() + " in t_unknown",
               walk.knock(door.probe(unknown), {walk.cast.system, in_path ? "" : unknown, kEnv}), wanted);
  }
  const Json tenant = {{"tenant_id", unknown}, {"name", unknown}};
  tally.take("POST /tenants", walk.knock({.method = "POST", .path = "/tenants", .body = tenant}, walk.system("")),
             wanted);
  const Json token = {{"user_id", kStranger}, {"ttl_seconds", 60}, {"tenants", {unknown}}};
  tally.take("POST /tokens", walk.knock({.method = "POST", .path = "/tokens", .body = token}, walk.system("")),
             "422 validation.failed");
  const Probe aside = {.path = "/nexus/cards", .query = {{"tenant_id", unknown}}};
  tally.take("GET /nexus/cards?tenant_id=", walk.knock(aside, walk.owner()), "400 context.mismatch");
  return tally.evidence();
}

}  // namespace nexus::cli::readiness
