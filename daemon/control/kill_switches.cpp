// PUT replaces the fields that are sent and keeps the others. A change that only tightens is never gated: stopping must
// always be possible. `expires_at` ends the whole document by itself; after that, and before the first PUT, it is the
// default that disables nothing.
#include "daemon/control/kill_switches.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"
#include "daemon/control/if_match.hpp"
#include "daemon/gates/kill_switch.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::control {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::KillSwitches;
namespace schema = http::schema;

struct Change {
  std::optional<std::vector<std::string>> disable_providers, disabled_actions;
  std::optional<bool> disable_autonomy;
  std::optional<std::string> reason;
  std::optional<Micros> expires_at;
  bool reason_sent = false, expires_at_sent = false;  // null clears
  std::optional<std::string> if_match;
};

bool is_action(std::string_view text) {
  return text == "*" ||
         (!text.empty() && text.front() >= 'a' && text.front() <= 'z' && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         }));
}

Change parse(Input& input) {
  Change change;
  change.disable_providers = input.body.optional_texts("disable_providers", 100, {.min = 1, .max = 128});
  change.disabled_actions = input.body.optional_texts("disabled_actions", 200, {.min = 1, .max = 64});
  change.disable_autonomy = input.body.optional_boolean("disable_autonomy");
  change.reason_sent = input.body.sent("reason");
  change.reason = input.body.optional_text("reason", {.min = 1, .max = 500});
  change.expires_at_sent = input.body.sent("expires_at");
  change.expires_at = input.body.optional_time("expires_at");
  if (change.expires_at && *change.expires_at <= now_micros()) input.body.fault("expires_at", "must lie ahead");
  if (change.disabled_actions && !std::ranges::all_of(*change.disabled_actions, is_action))
    input.body.fault("disabled_actions", "must hold action names (^[a-z][a-z0-9_]{0,63}$) or \"*\"");
  for (const char* field : {"disable_providers", "disabled_actions", "disable_autonomy"})
    if (input.body.sent_null(field)) input.body.fault(field, "must not be null: leave it out to keep it");
  if (change.disable_providers)
    for (auto& provider : *change.disable_providers) provider = lower_ascii(provider);
  change.if_match = take_if_match(input);
  return change;
}

std::string etag_of(std::int64_t version, bool expired = false) {
  return "\"ks-" + std::to_string(version) + (expired ? "-expired\"" : "\"");
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

/// The document in force. Its tag changes with the moment that ends it.
struct Current {
  KillSwitches document;
  std::string etag;
};

Current current(const store::Reader& reader, const Caller& caller) {
  const Micros now = now_micros();
  const auto stored = store::find_kill_switches(reader, caller.tenant().str(), to_string(caller.env()));
  const bool expired = stored && stored->expires_at && *stored->expires_at <= now;
  return {gates::in_force(stored, now), etag_of(stored ? stored->version : 0, expired)};
}

KillSwitches changed(KillSwitches document, const Change& change) {
  if (change.disable_providers) document.disable_providers = sorted(*change.disable_providers);
  if (change.disabled_actions) document.disabled_actions = sorted(*change.disabled_actions);
  document.disable_autonomy = change.disable_autonomy.value_or(document.disable_autonomy);
  if (change.reason_sent) document.reason = change.reason;
  if (change.expires_at_sent) document.expires_at = change.expires_at;
  return document;
}

bool contains_all(const std::vector<std::string>& larger, const std::vector<std::string>& smaller) {
  return std::ranges::includes(sorted(larger), sorted(smaller));
}

bool is_empty(const KillSwitches& document) {
  return document.disable_providers.empty() && document.disabled_actions.empty() && !document.disable_autonomy;
}

/// Nothing that was off comes on, and nothing comes on earlier than before.
bool only_tightens(const KillSwitches& before, const KillSwitches& after) {
  const bool ends_sooner = after.expires_at && (!before.expires_at || *after.expires_at < *before.expires_at);
  return contains_all(after.disable_providers, before.disable_providers) &&
         contains_all(after.disabled_actions, before.disabled_actions) &&
         (after.disable_autonomy || !before.disable_autonomy) && (is_empty(before) || !ends_sooner);
}

Json to_json(const KillSwitches& document) {
  Json json = {{"disable_providers", document.disable_providers},
               {"disable_autonomy", document.disable_autonomy},
               {"disabled_actions", document.disabled_actions},
               {"reason", document.reason ? Json(*document.reason) : Json()},
               {"expires_at", document.expires_at ? Json(to_rfc3339(*document.expires_at)) : Json()},
               {"updated_at", document.updated_at > 0 ? Json(to_rfc3339(document.updated_at)) : Json()},
               {"updated_by", document.updated_by.empty() ? Json() : Json(document.updated_by)}};
  return json;
}

Json with_context(Json json, const Caller& caller) {
  json["tenant_id"] = caller.tenant().str();
  json["env"] = to_string(caller.env());
  return json;
}

Reply show(const store::Reader& reader, const Caller& caller) {
  const auto [document, etag] = current(reader, caller);
  return {.json = with_context(to_json(document), caller), .fields = {{"ETag", etag}}};
}

Applied put(store::Tx& tx, const Caller& caller, const Change& change) {
  const auto [before, etag] = current(tx, caller);
  judge_if_match(change.if_match, etag);
  const Micros now = now_micros();
  KillSwitches after = changed(before, change);
  after.version = before.version + 1;
  after.updated_at = now;
  after.updated_by = caller.user_id;
  store::put_kill_switches(tx, caller.tenant().str(), to_string(caller.env()), after);
  return {.json = with_context(to_json(after), caller),
          .subject_type = "kill_switches",
          .subject_id = std::nullopt,
          .details = {{"before", to_json(before)}, {"after", to_json(after)}},
          .status = 200,
          .fields = {{"ETag", etag_of(after.version)}}};
}

http::Write handle_put(Input& input) {
  const Change change = parse(input);
  http::Write write;
  write.apply = [change](store::Tx& tx, const Caller& caller) { return put(tx, caller, change); };
  write.tightens = [change](const store::Reader& reader, const Caller& caller) {
    const KillSwitches before = current(reader, caller).document;
    return only_tightens(before, changed(before, change));
  };
  return write;
}

Json document_schema(bool answer) {
  const Json names = schema::list(schema::text_between(1, 128));
  Json out = schema::object({}, {{"disable_providers", names},
                                 {"disable_autonomy", schema::boolean()},
                                 {"disabled_actions", schema::list(schema::pattern("^(\\*|[a-z][a-z0-9_]{0,63})$"))},
                                 {"reason", schema::nullable(schema::text_between(1, 500))},
                                 {"expires_at", schema::nullable(schema::time())}});
  if (!answer) return out;
  for (const char* name : {"tenant_id", "env"}) out["properties"][name] = schema::text();
  out["properties"]["updated_at"] = schema::nullable(schema::time());
  out["properties"]["updated_by"] = schema::nullable(schema::text());
  return out;
}

}  // namespace

void add_kill_switch_routes(http::RouteTable& routes) {
  routes.add({.method = "GET",
              .path = "/kill-switches",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::admin, .repairs_tenant = true},
              .action = "kill_switch_read",
              .surface = "control",
              .policy = gates::Policy::read,
              .effects = {.repairs = http::Repairs::yes},
              .handler = http::reads([](Input&) { return 0; }, [](const store::Reader& reader, const Caller& caller,
                                                                  int) { return show(reader, caller); }),
              .docs = {"Show what is switched off", "control", {}, document_schema(true), 200, {}, {}}});
  routes.add({.method = "PUT",
              .path = "/kill-switches",
              .demand = {.access = Access::role,
                         .scope = Scope::header,
                         .role = Role::admin,
                         .mutates = true,
                         .repairs_tenant = true},
              .action = "kill_switch_update",
              .surface = "control",
              .policy = gates::Policy::control,
              .effects = {http::Urgency::stops, http::EndsStreams::may, http::Repairs::yes, Direction::told},
              .body = http::Body::json,
              .handler = http::WriteHandler(handle_put),
              .docs = {"Switch actions, providers or autonomous agents off or on",
                       "control",
                       document_schema(false),
                       document_schema(true),
                       200,
                       {},
                       {412}}});
}

}  // namespace nexus::control
