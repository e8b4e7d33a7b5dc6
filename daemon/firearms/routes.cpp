// Licences: issued, listed, shown, revoked. A revocation only tightens, so it never waits for a lock; it cannot be
// taken back (issue a new licence). `scope` limits a licence to one action. A licence whose `expires_at` has passed is
// expired from the start: it opens nothing, and says so.
#include "daemon/firearms/routes.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/domain/words.hpp"
#include "daemon/gates/firearms.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "store/audit_log.hpp"

namespace nexus::firearms {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::Licence;
namespace schema = http::schema;

Json licence_json(const Licence& licence) {
  return {{"licence_id", licence.licence_id},
          {"subject_type", licence.subject_type},
          {"subject_id", licence.subject_id},
          {"scope", or_null(licence.scope)},
          {"level", to_string(licence.level)},
          {"expires_at", time_or_null(licence.expires_at)},
          {"status", gates::status_of(licence, now_micros())},
          {"revoked_at", time_or_null(licence.revoked_at)},
          {"revoked_by", or_null(licence.revoked_by)},
          {"created_at", to_rfc3339(licence.created_at)},
          {"created_by", licence.created_by}};
}

Licence parse_new(Input& input) {
  auto& body = input.body;
  Licence licence;
  licence.licence_id = new_id(input.caller.tenant());
  licence.subject_type = body.optional_choice("subject_type", {"agent", "tool", "surface", "app", "user"}).value_or("");
  licence.subject_id = body.name("subject_id", {.min = 1, .max = 128});
  licence.scope = body.optional_name("scope", {.min = 1, .max = 64});
  const auto level = body.optional_choice("level", {"low", "medium", "high"});
  licence.expires_at = body.optional_time("expires_at");
  for (const char* field : {"subject_type", "level"}) body.require(field);
  if (licence.scope && *licence.scope != "*" && !domain::is_action_name(*licence.scope))
    body.fault("scope", "must be an action name (^[a-z][a-z0-9_]{0,63}$) or \"*\"");
  if (level) licence.level = *store::parse_level(*level);
  return licence;
}

Applied issue(store::Tx& tx, const Caller& caller, const Licence& value) {
  Licence licence = value;
  licence.created_at = now_micros();
  licence.created_by = caller.user_id;
  store::insert_licence(tx, caller.tenant().str(), to_string(caller.env()), licence);
  return {.json = domain::with_context(licence_json(licence), caller),
          .subject_type = "licence",
          .subject_id = licence.licence_id,
          .details = {{"subject_type", licence.subject_type},
                      {"subject_id", licence.subject_id},
                      {"scope", or_null(licence.scope)},
                      {"level", to_string(licence.level)},
                      {"expires_at", time_or_null(licence.expires_at)}},
          .fields = {{"Location", "/firearms/licences/" + licence.licence_id}}};
}

Licence find(const store::Reader& reader, const Caller& caller, const std::string& licence_id) {
  auto licence = store::find_licence(reader, caller.tenant().str(), to_string(caller.env()), licence_id);
  if (!licence) throw Problem(Code::licence_not_found, "GET /firearms/licences lists them");
  return std::move(*licence);
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& licence_id) {
  return {.json = domain::with_context(licence_json(find(reader, caller, licence_id)), caller)};
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  auto rows = store::list_licences(reader, caller.tenant().str(), to_string(caller.env()), page.mark, page.limit + 1);
  return {.json = http::page_json<Licence>(
              page, rows, [&](const Licence& row) { return domain::with_context(licence_json(row), caller); },
              [](const Licence& row) { return row.licence_id; })};
}

std::string parse_revoke(Input& input) {
  input.body.optional_choice("status", {"revoked"});
  input.body.require("status");
  return input.param("licence_id");
}

Applied revoke(store::Tx& tx, const Caller& caller, const std::string& licence_id) {
  const std::string& tenant = caller.tenant().str();
  const std::string_view env = to_string(caller.env());
  Licence licence = find(tx, caller, licence_id);
  Applied done{.json = nullptr, .subject_type = "licence", .subject_id = licence_id, .status = 200};
  if (licence.revoked_at) {
    done.unchanged_since = licence.revoked_seq;
  } else {
    licence.revoked_at = now_micros();
    licence.revoked_by = caller.user_id;
    licence.revoked_seq = store::next_audit_seq(tx, tenant, env);
    store::revoke_licence(tx, tenant, env, licence);
    done.details = {{"subject_type", licence.subject_type},
                    {"subject_id", licence.subject_id},
                    {"level", to_string(licence.level)}};
  }
  done.json = domain::with_context(licence_json(licence), caller);
  return done;
}

http::Write handle_revoke(Input& input) {
  const std::string licence_id = parse_revoke(input);
  http::Write write;
  write.apply = [licence_id](store::Tx& tx, const Caller& caller) { return revoke(tx, caller, licence_id); };
  write.tightens = domain::tightens_always("firearms_revoke");
  return write;
}

Json new_licence_schema() {
  return schema::object({"subject_type", "subject_id", "level"},
                        {{"subject_type", schema::choice({"agent", "tool", "surface", "app", "user"})},
                         {"subject_id", schema::text_between(1, 128)},
                         {"scope", schema::nullable(schema::pattern("^(\\*|[a-z][a-z0-9_]{0,63})$"))},
                         {"level", schema::choice({"low", "medium", "high"})},
                         {"expires_at", schema::nullable(schema::time())}});
}

Json licence_schema() {
  Json out = new_licence_schema();
  for (const char* name : {"tenant_id", "env", "licence_id", "created_by"}) out["properties"][name] = schema::text();
  out["properties"]["status"] = schema::choice({"active", "revoked", "expired"});
  out["properties"]["revoked_at"] = schema::nullable(schema::time());
  out["properties"]["revoked_by"] = schema::nullable(schema::text());
  out["properties"]["created_at"] = schema::time();
  for (const char* name : {"licence_id", "status", "created_at", "created_by"}) out["required"].push_back(name);
  return out;
}

}  // namespace

void add_licence_routes(http::RouteTable& routes) {
  routes.add(
      {.method = "POST",
       .path = "/firearms/licences",
       .demand = {.access = Access::role, .scope = Scope::header, .role = Role::admin, .mutates = true},
       .action = "firearms_issue",
       .surface = "control",
       .policy = gates::Policy::control,
       .effects = http::kOwnRowsAlone,
       .body = http::Body::json,
       .handler = http::writes(parse_new, issue),
       .docs = {
           "Issue a licence for dangerous actions", "control", new_licence_schema(), licence_schema(), 201, {}, {}}});
  routes.add(domain::read_route(
      "/firearms/licences", "firearms_read", Role::viewer,
      http::reads([](Input& input) { return http::take_page(input, "licences"); }, list),
      {"List licences", "control", {}, schema::page(licence_schema()), 200, http::page_parameters(), {}}));
  routes.add(domain::read_route("/firearms/licences/{licence_id}", "firearms_read", Role::viewer,
                                http::reads([](Input& input) { return input.param("licence_id"); }, show),
                                {"Show a licence", "control", {}, licence_schema(), 200, {}, {404}}));
  routes.add({.method = "PATCH",
              .path = "/firearms/licences/{licence_id}",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::admin, .mutates = true},
              .action = "firearms_revoke",
              .surface = "control",
              .policy = gates::Policy::control,
              .effects = {http::Urgency::stops, http::EndsStreams::no, http::Repairs::no, Direction::told},
              .body = http::Body::json,
              .handler = http::WriteHandler(handle_revoke),
              .docs = {"Revoke a licence, for good",
                       "control",
                       schema::object({"status"}, {{"status", schema::choice({"revoked"})}}),
                       licence_schema(),
                       200,
                       {},
                       {404}}});
}

}  // namespace nexus::firearms
