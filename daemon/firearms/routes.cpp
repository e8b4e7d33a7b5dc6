// Licences, and the dangerous actions that need them.
//
// A revocation only tightens, so it never waits for a lock. It is final; issue a new licence instead. `scope` limits a
// licence to one action. `expires_at` lies ahead when a licence is issued; once it has passed, the licence permits
// nothing, and says so.
//
// Dangerous actions are the built-in ones, and those that a tenant adds and raises. A level is never lowered, so a
// declaration is final and only tightens: it waits for no lock. Declaring an action without a firearms gate (a read, a
// configuration) has no effect.
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/firearms/problems.hpp"
#include "daemon/gates/firearms.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/model/problems.hpp"
#include "store/audit_log.hpp"

namespace nexus::firearms {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::Level;
namespace schema = http::schema;
using Levels = std::map<std::string, Level>;

constexpr std::size_t kDeclaredMax = 500;  // of a tenant and env

// ---- licences -----------------------------------------------------------------------------------------------------

Json licence_json(Licence licence) {
  licence.status = gates::status_of(licence, now_micros());
  return model::json_of(kLicence, licence);
}

Licence parse_licence(Input& input) {
  Licence licence = http::sent<kLicence>(input);
  if (licence.expires_at && *licence.expires_at <= now_micros()) input.body.fault("expires_at", "must lie ahead");
  return licence;
}

Applied issue(store::Tx& tx, const Caller& caller, const Licence& sent) {
  Licence licence = domain::made_by(caller, sent);
  licence.licence_id = new_id(caller.tenant());
  store::insert_row<kLicence>(tx, licence);
  return {.json = licence_json(licence),
          .subject_type = "licence",
          .subject_id = licence.licence_id,
          .details = model::json_of(kLicence, licence, {"subject_type", "subject_id", "scope", "level", "expires_at"}),
          .fields = {{"Location", "/firearms/licences/" + licence.licence_id}}};
}

Licence find_licence(const store::Reader& reader, const Caller& caller, const std::string& licence_id) {
  return found(store::find_row<kLicence>(reader, caller.realm(), licence_id), problems::licence_not_found,
               "they are shown by nexusctl firearms list");
}

Json show_licence(const store::Reader& reader, const Caller& caller, const std::string& licence_id) {
  return licence_json(find_licence(reader, caller, licence_id));
}

std::string parse_revoke(Input& input) {
  input.body.optional_choice("status", {"revoked"});
  input.body.require("status");
  return input.param("licence_id");
}

std::optional<http::Repeat> revoked_before(const store::Reader& reader, const Caller& caller,
                                           const std::string& licence_id) {
  const auto licence = store::find_row<kLicence>(reader, caller.realm(), licence_id);
  if (!licence || !licence->revoked_seq) return std::nullopt;
  return http::Repeat{.audit_seq = *licence->revoked_seq, .subject_type = "licence", .subject_id = licence_id};
}

Applied revoke(store::Tx& tx, const Caller& caller, const std::string& licence_id) {
  Licence licence = find_licence(tx, caller, licence_id);
  licence.revoked_at = now_micros();
  licence.revoked_by = caller.user_id;
  licence.revoked_seq = store::next_audit_seq(tx, caller.realm());
  store::update_row<kLicence>(tx, licence);
  return {.json = licence_json(licence),
          .subject_type = "licence",
          .subject_id = licence_id,
          .details = model::json_of(kLicence, licence, {"subject_type", "subject_id", "level"}),
          .status = 200};
}

struct Asked {
  std::string action;
  std::optional<std::string> subject_type, subject_id;  // neither: the caller
};

Asked parse_check(Input& input) {
  Asked asked{input.query.name("action", {.min = 1, .max = 64}),
              input.query.optional_choice("subject_type", kSubjectTypes),
              input.query.optional_name("subject_id", {.min = 1, .max = 128})};
  if (input.query.sent("subject_type") != input.query.sent("subject_id"))
    input.query.fault(input.query.sent("subject_type") ? "subject_id" : "subject_type",
                      "must stand beside the other one: without subject_type and subject_id, the caller is meant");
  return asked;
}

Reply check(const store::Reader& reader, const Caller& caller, const Asked& asked) {
  const gates::Known known(reader, caller.realm(), "control");
  const auto level = gates::find_level_needed(known, asked.action);
  if (!level) throw Problem(problems::dangerous_action_not_found, "they are shown by nexusctl firearms actions");
  const auto held = asked.subject_type ? known.licences(*asked.subject_type, *asked.subject_id)
                                       : gates::held_by_caller(known, caller);
  const auto* licence = gates::good_licence(held, *level, asked.action, now_micros());
  return {.json = {{"allowed", licence != nullptr},
                   {"level", to_string(*level)},
                   {"licence_id", licence != nullptr ? Json(licence->licence_id) : Json()}}};
}

// ---- dangerous actions --------------------------------------------------------------------------------------------

Levels levels_in_force(const store::Reader& reader, const Caller& caller) {
  Levels levels = store::list_declared_levels(reader, caller.realm());
  for (const auto& [action, level] : gates::built_in_dangers()) {
    auto& slot = levels.try_emplace(action, level).first->second;
    slot = std::max(slot, level);
  }
  return levels;
}

Json levels_json(const Levels& levels) {
  Json json = Json::object();
  for (const auto& [action, level] : levels) json[action] = to_string(level);
  return json;
}

Reply show_levels(const store::Reader& reader, const Caller& caller) {
  return {.json = levels_json(levels_in_force(reader, caller))};
}

Levels parse_declared(Input& input) {
  Levels wanted;
  const Json body = parse_json(input.raw_body);  // names are chosen by the client, so they are read off the body first
  if (!body.is_object()) return wanted;
  for (const auto& [action, level] : body.items()) {
    if (action == "tenant_id" || action == "env") continue;  // assertions of the context, judged by the dispatcher
    const auto text = input.body.optional_choice(action, kLevels);
    if (level.is_null()) input.body.fault(action, "must not be null: a dangerous action stays one");
    if (!model::is_action_name(action)) input.body.fault(action, "must be named as ^[a-z][a-z0-9_]{0,63}$");
    if (!text) continue;
    wanted[action] = *store::parse_level(*text);
    if (gates::level_needed(action, std::nullopt).value_or(Level::low) > wanted[action])
      input.body.fault(action, "must not be lower than its built-in level");
  }
  return wanted;
}

void judge_no_lower(const Levels& before, const Levels& wanted) {
  std::vector<FieldError> errors;
  for (const auto& [action, level] : wanted) {
    const auto held = before.find(action);
    if (held != before.end() && level < held->second)
      errors.push_back({"/" + action, "must not be lower than " + std::string(to_string(held->second))});
  }
  if (!errors.empty())
    throw Problem(problems::validation_failed, "a level is never lowered").with_errors(std::move(errors));
}

Applied declare(store::Tx& tx, const Caller& caller, const Levels& wanted) {
  Levels levels = levels_in_force(tx, caller);
  judge_no_lower(levels, wanted);
  const Json before = levels_json(levels);
  Json changed = Json::object();
  for (const auto& [action, level] : wanted) {
    const auto held = levels.find(action);
    if (held != levels.end() && held->second == level) continue;
    store::put_declared_level(tx, caller.realm(), action, level, now_micros(), caller.user_id);
    levels[action] = level;
    changed[action] = {{"before", before.value(action, Json())}, {"after", to_string(level)}};
  }
  if (levels.size() > kDeclaredMax)
    throw Problem(problems::validation_failed, "at most " + std::to_string(kDeclaredMax) + " actions can be dangerous");
  return {.json = levels_json(levels),
          .subject_type = "dangerous_actions",
          .subject_id = std::nullopt,
          .details = {{"changed", std::move(changed)}},
          .status = 200};
}

Json levels_schema() {
  Json action = schema::pattern("^(?!(tenant_id|env)$)[a-z][a-z0-9_]{0,63}$");  // those are asserted, never declared
  return schema::named("DangerousActions", {{"type", "object"},
                                            {"propertyNames", std::move(action)},
                                            {"additionalProperties", schema::choice(kLevels)},
                                            {"example", {{"publish_sensitive", "high"}}}});
}

// ---- routes -------------------------------------------------------------------------------------------------------

void add_licence_routes(http::RouteTable& routes, http::Surface surface) {
  const Json shape = model::answer_schema(kLicence);
  routes.add(surface.create("/firearms/licences", "firearms_issue", http::writes(parse_licence, issue),
                            {.summary = "Issue a licence for dangerous actions",
                             .request = model::create_schema(kLicence),
                             .response = shape}));
  routes.add(surface.list("/firearms/licences", http::newest<kLicence>("licences", licence_json),
                          {.summary = "List licences", .response = shape}));
  routes.add(surface.show("/firearms/licences/{licence_id}", http::one("licence_id", show_licence),
                          {.summary = "Show a licence", .response = shape}));
  surface.effects = {http::Urgency::stops, http::EndsStreams::no, http::Repairs::no, Direction::told};
  const Json revoked = schema::whole({{"status", schema::choice({"revoked"})}});
  routes.add(surface.change("/firearms/licences/{licence_id}", "firearms_revoke",
                            http::repeatable(parse_revoke, revoked_before, show_licence,
                                             [](auto parse) {
                                               return domain::configures(parse, revoke,
                                                                         domain::tightens_always("firearms_revoke"));
                                             }),
                            {.summary = "Revoke a licence, for good",
                             .request = schema::named("LicenceRevoke", revoked),
                             .response = shape}));
}

void add_dangerous_action_routes(http::RouteTable& routes, http::Surface surface) {
  const Json verdict = schema::named("LicenceCheck", schema::whole({{"allowed", schema::boolean()},
                                                                    {"level", schema::choice(kLevels)},
                                                                    {"licence_id", schema::nullable(schema::text())}}));
  surface.effects = http::own_rows_alone(Direction::told);
  routes.add(
      surface.show("/firearms/check", http::reads(parse_check, check),
                   {.summary = "Whether a subject (else the caller) is licensed for a dangerous action",
                    .response = verdict,
                    .query = {{"action", "The action", schema::action(), true},
                              {"subject_type", "With subject_id; the caller without", schema::choice(kSubjectTypes)},
                              {"subject_id", "With subject_type", schema::name(128)}}}));
  routes.add(surface.get("/firearms/dangerous-actions", http::reads(show_levels),
                         {.summary = "The dangerous actions and the levels they need", .response = levels_schema()}));
  routes.add(surface.put("/firearms/dangerous-actions", "firearms_update",
                         domain::configures(parse_declared, declare, domain::tightens_always("firearms_update")),
                         {.summary = "Declare actions dangerous, or raise their levels",
                          .request = levels_schema(),
                          .response = levels_schema()}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  const http::Surface surface{.name = "control",
                              .read_action = "firearms_read",
                              .writes = Role::admin,
                              .policy = gates::Policy::control,
                              .effects = http::kOwnRowsAlone};
  add_licence_routes(routes, surface);
  add_dangerous_action_routes(routes, surface);
}

}  // namespace nexus::firearms
