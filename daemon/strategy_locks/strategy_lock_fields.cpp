#include "daemon/strategy_locks/strategy_lock_fields.hpp"

#include "daemon/domain/words.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/strategy_locks/limits.hpp"

namespace nexus::strategy_locks {
namespace {

using store::LockTerms;
using store::StrategyLock;
namespace schema = http::schema;

constexpr std::size_t kTitleMax = 200;
constexpr std::size_t kDescriptionMax = 4096;

template <class T>
std::optional<std::optional<T>> if_sent(const http::Fields& body, std::string_view name, std::optional<T> value) {
  if (!body.sent(name)) return std::nullopt;
  return std::optional<std::optional<T>>(std::in_place, std::move(value));
}

void judge_actions(http::Fields& body, const std::vector<std::string>& actions) {
  if (actions.empty()) return body.fault("allowed_actions", "must name at least one action");
  for (const auto& action : actions)
    if (action != "*" && !domain::is_action_name(action))
      return body.fault("allowed_actions", "must hold action names (^[a-z][a-z0-9_]{0,63}$) or \"*\"");
}

Json terms_json(const LockTerms& terms) {
  return {{"surface", or_null(terms.surface)},
          {"scope", terms.scope},
          {"title", terms.title},
          {"description", or_null(terms.description)},
          {"constraints", parse_own_json(terms.constraints)},
          {"allowed_actions", terms.allowed_actions},
          {"three_wise_id", or_null(terms.three_wise_id)},
          {"valid_from", time_or_null(terms.valid_from)},
          {"valid_until", time_or_null(terms.valid_until)}};
}

Json scopes() { return schema::choice({"campaign", "budget", "kpi_corridor", "code_deploy", "app_toggle", "other"}); }

}  // namespace

void LockFields::apply_to(LockTerms& terms) const {
  if (scope) terms.scope = *scope;
  if (title) terms.title = *title;
  if (allowed_actions) terms.allowed_actions = *allowed_actions;
  if (surface) terms.surface = *surface;
  if (description) terms.description = *description;
  if (constraints) terms.constraints = constraints->value_or("{}");
  if (three_wise_id) terms.three_wise_id = *three_wise_id;
  if (valid_from) terms.valid_from = *valid_from;
  if (valid_until) terms.valid_until = *valid_until;
}

LockFields parse_lock_fields(http::Fields& body) {
  LockFields fields;
  for (const char* name : {"surface", "scope", "title", "description", "constraints", "allowed_actions",
                           "three_wise_id", "valid_from", "valid_until"})
    fields.any = fields.any || body.sent(name);
  fields.scope =
      body.optional_choice("scope", {"campaign", "budget", "kpi_corridor", "code_deploy", "app_toggle", "other"});
  fields.title = body.optional_text("title", {.min = 1, .max = kTitleMax});
  fields.allowed_actions = body.optional_names("allowed_actions", limits::lock_actions_max, {.min = 1, .max = 64});
  fields.surface = if_sent(body, "surface", body.optional_name("surface", {.min = 1, .max = 64}));
  fields.description =
      if_sent(body, "description", body.optional_text("description", {.min = 0, .max = kDescriptionMax}));
  const auto constraints = body.optional_object("constraints", limits::metadata_bytes_max);
  fields.constraints = if_sent(body, "constraints", constraints ? std::optional(to_text(*constraints)) : std::nullopt);
  fields.three_wise_id = if_sent(body, "three_wise_id", body.optional_text("three_wise_id", {.min = 1, .max = 128}));
  fields.valid_from = if_sent(body, "valid_from", body.optional_time("valid_from"));
  fields.valid_until = if_sent(body, "valid_until", body.optional_time("valid_until"));
  if (fields.allowed_actions) judge_actions(body, *fields.allowed_actions);
  if (fields.surface && *fields.surface == "*")
    body.fault("surface", "must be one surface: leave it out for a lock of all of them");
  for (const char* name : {"scope", "title", "allowed_actions"})
    if (body.sent_null(name)) body.fault(name, "must not be null");
  return fields;
}

bool is_over(const LockTerms& terms, Micros now) { return terms.valid_until && *terms.valid_until <= now; }

std::string status_of(const StrategyLock& lock, Micros now) {
  return is_over(lock, now) && lock.status != "rejected" ? "expired" : lock.status;
}

Json lock_json(const StrategyLock& lock) {
  Json json = terms_json(lock);
  json["lock_id"] = lock.lock_id;
  json["draft"] = lock.draft ? terms_json(*lock.draft) : Json();
  json["status"] = status_of(lock, now_micros());
  json["created_at"] = to_rfc3339(lock.created_at);
  json["created_by"] = lock.created_by;
  json["updated_at"] = to_rfc3339(lock.updated_at);
  json["updated_by"] = lock.updated_by;
  json["decided_at"] = time_or_null(lock.decided_at);
  json["decided_by"] = or_null(lock.decided_by);
  return json;
}

Json terms_details(const LockTerms& terms) {
  Json json = terms_json(terms);
  for (const char* free_text : {"title", "description", "constraints"}) json.erase(free_text);
  return json;
}

Json lock_fields_schema(bool all) {
  Json actions = schema::list(schema::pattern("^(\\*|[a-z][a-z0-9_]{0,63})$"));
  actions["minItems"] = 1;
  actions["maxItems"] = limits::lock_actions_max;
  Json surface = schema::name(64);
  surface["pattern"] = "^(?![*]$)" + surface["pattern"].get<std::string>().substr(1);
  Json out = schema::object({}, {{"surface", schema::nullable(surface)},
                                 {"scope", scopes()},
                                 {"title", schema::text_between(1, kTitleMax)},
                                 {"description", schema::nullable(schema::text_between(0, kDescriptionMax))},
                                 {"constraints", schema::nullable(schema::any_object(limits::metadata_bytes_max))},
                                 {"allowed_actions", actions},
                                 {"three_wise_id", schema::nullable(schema::text_between(1, 128))},
                                 {"valid_from", schema::nullable(schema::time())},
                                 {"valid_until", schema::nullable(schema::time())}});
  if (all) out["required"] = {"scope", "title", "allowed_actions"};
  if (!all) out["minProperties"] = 1;
  return schema::named(all ? "StrategyLockCreate" : "StrategyLockUpdate", std::move(out));
}

Json lock_schema() {
  Json out = schema::named("StrategyLock", lock_fields_schema(true));
  auto& properties = out["properties"];
  for (const char* name : {"tenant_id", "env", "lock_id", "created_by", "updated_by"})
    properties[name] = schema::text();
  for (const char* name : {"created_at", "updated_at"}) properties[name] = schema::time();
  properties["draft"] = schema::nullable(schema::named("StrategyLockDraft", lock_fields_schema(true)));
  properties["status"] = schema::choice({"draft", "approved", "rejected", "expired"});
  properties["decided_at"] = schema::nullable(schema::time());
  properties["decided_by"] = schema::nullable(schema::text());
  for (const char* name : {"lock_id", "status", "created_at", "created_by"}) out["required"].push_back(name);
  return out;
}

}  // namespace nexus::strategy_locks
