// PUT sets the limits that are sent and keeps the others; null resets one to that of "*", or to the daemon's default.
// An admin lowers limits; only the system role raises them above the default. The actions that repair things (limits,
// kill switches) always have the default, so that a tenant can undo its own mistake.
#include <memory>

#include "daemon/base/crypto.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "store/preferences.hpp"

namespace nexus::rate_limits {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::RateLimit;
using store::RateLimits;
namespace schema = http::schema;

constexpr std::int64_t kRequestsMax = 1'000'000'000;
constexpr std::int64_t kWindowSecondsMax = 86'400;

struct Options {
  RateLimit otherwise;                                                // the daemon's default
  std::shared_ptr<std::map<std::string, bool, std::less<>>> actions;  // of the table, and whether each one repairs
};

struct Change {
  std::map<std::string, std::optional<RateLimit>, std::less<>> limits;  // nothing: reset
  std::optional<std::string> if_match;
};

Change parse(Input& input, const Options& options) {
  Change change;
  for (const std::string& action : input.body.names()) {
    const auto known = options.actions->find(action);
    if (action != "*" && known == options.actions->end()) continue;  // reported as an unknown field
    if (action != "*" && known->second) input.body.fault(action, "always has the default, to repair the others");
    auto& limit = change.limits[action];
    auto fields = input.body.optional_fields(action);
    if (!fields) continue;
    limit = RateLimit{fields->integer("requests", 1, kRequestsMax),
                      fields->integer("window_seconds", 1, kWindowSecondsMax)};
    fields->finish();
  }
  change.if_match = http::take_if_match(input);
  return change;
}

/// Neither a larger burst nor a higher rate.
bool within(const RateLimit& limit, const RateLimit& other) {
  return limit.requests <= other.requests &&
         limit.requests * other.window_seconds <= other.requests * limit.window_seconds;
}

/// The limit that applies to `action`.
RateLimit in_force(const RateLimits& limits, std::string_view action, const RateLimit& otherwise) {
  if (const auto own = limits.find(action); own != limits.end()) return own->second;
  const auto all = limits.find("*");
  return all != limits.end() ? all->second : otherwise;
}

RateLimits changed(RateLimits limits, const Change& change) {
  for (const auto& [action, limit] : change.limits) {
    if (limit)
      limits[action] = *limit;
    else
      limits.erase(action);
  }
  return limits;
}

/// No action may do more than before; those without a limit of their own are judged by "*".
bool only_tightens(const RateLimits& before, const RateLimits& after, const RateLimit& otherwise) {
  RateLimits names = before;
  names.insert(after.begin(), after.end());
  names.emplace("*", otherwise);
  for (const auto& [action, limit] : names)
    if (!within(in_force(after, action, otherwise), in_force(before, action, otherwise))) return false;
  return true;
}

/// Above the default, an admin may keep or lower what the system role allowed.
void judge_raise(const Caller& caller, const RateLimits& before, const Change& change, const RateLimit& otherwise) {
  if (caller.is_system()) return;
  for (const auto& [action, limit] : change.limits) {
    const auto own = before.find(action);
    if (!limit || within(*limit, otherwise) || (own != before.end() && within(*limit, own->second))) continue;
    throw Problem(problems::auth_insufficient_role, "above the default of " + std::to_string(otherwise.requests) +
                                                        " in " + std::to_string(otherwise.window_seconds) +
                                                        " s only the system role raises a limit");
  }
}

Json to_json(const RateLimits& limits) {
  Json json = Json::object();
  for (const auto& [action, limit] : limits)
    json[action] = {{"requests", limit.requests}, {"window_seconds", limit.window_seconds}};
  return json;
}

/// Adds the default as the limit of "*" when none is set.
Json shown(RateLimits limits, const RateLimit& otherwise) {
  limits.emplace("*", otherwise);
  return to_json(limits);
}

std::string etag_of(const RateLimits& limits) {
  return "\"rl-" + sha256_hex(canonical(to_json(limits))).substr(0, 16) + "\"";
}

Reply show(const store::Reader& reader, const Caller& caller, const RateLimit& otherwise) {
  const RateLimits limits = store::list_rate_limits(reader, caller.realm());
  return {.json = shown(limits, otherwise), .fields = {{"ETag", etag_of(limits)}}};
}

Applied put(store::Tx& tx, const Caller& caller, const Change& change, const RateLimit& otherwise) {
  const RateLimits before = store::list_rate_limits(tx, caller.realm());
  http::judge_if_match(change.if_match, etag_of(before));
  judge_raise(caller, before, change, otherwise);
  for (const auto& [action, limit] : change.limits) {
    if (limit)
      store::put_rate_limit(tx, caller.realm(), action, *limit, now_micros(), caller.user_id);
    else
      store::delete_rate_limit(tx, caller.realm(), action);
  }
  const RateLimits after = changed(before, change);
  return {.json = shown(after, otherwise),
          .subject_type = "limits",
          .subject_id = std::nullopt,
          .details = {{"before", to_json(before)}, {"after", to_json(after)}},
          .status = 200,
          .fields = {{"ETag", etag_of(after)}}};
}

/// Members are actions, so the object is open: `{"raw_presign": {…}, "*": {…}}`.
Json limits_schema(bool answer) {
  Json limit = schema::whole(
      {{"requests", schema::integer(1, kRequestsMax)}, {"window_seconds", schema::integer(1, kWindowSecondsMax)}});
  limit = schema::named("RateLimit", std::move(limit));
  return schema::named(answer ? "RateLimits" : "RateLimitsSet",
                       {{"type", "object"},
                        {"description", "by the name of an action, or * for all"},
                        {"additionalProperties", answer ? limit : schema::nullable(limit)},
                        {"example", {{"raw_register", {{"requests", 600}, {"window_seconds", 60}}}}}});
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  const Quota& default_quota = services.default_quota;
  const Options options{{default_quota.requests, default_quota.window_seconds},
                        std::make_shared<std::map<std::string, bool, std::less<>>>()};
  routes.when_complete([actions = options.actions](const http::RouteTable& table) {
    for (const auto& route : table.all())
      if (!route->action.empty()) (*actions)[route->action] |= http::repairs(*route);
  });
  const http::Surface surface{
      .name = "control",
      .read_action = "limits_read",
      .reads = Role::admin,
      .writes = Role::admin,
      .policy = gates::Policy::control,
      .effects = {http::Urgency::ordinary, http::EndsStreams::no, http::Repairs::yes, Direction::told}};
  http::Route get = surface.get("/limits", http::reads([limit = options.otherwise](Input&) { return limit; }, show),
                                {.summary = "Show the rate limits", .response = limits_schema(true)});
  get.effects.repairs = http::Repairs::yes;
  routes.add(std::move(get));
  const auto write = domain::configures(
      [options](Input& input) { return parse(input, options); },
      [limit = options.otherwise](store::Tx& tx, const Caller& caller, const Change& change) {
        return put(tx, caller, change, limit);
      },
      [limit = options.otherwise](const store::Reader& reader, const Caller& caller, const Change& change) {
        const RateLimits before = store::list_rate_limits(reader, caller.realm());
        return only_tightens(before, changed(before, change), limit);
      });
  routes.add(surface.put("/limits", "limits_update", write,
                         {.summary = "Limit how often actions may be done",
                          .request = limits_schema(false),
                          .response = limits_schema(true),
                          .refusals = {412}}));
}

}  // namespace nexus::rate_limits
