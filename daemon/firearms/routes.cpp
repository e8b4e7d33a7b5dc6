// Licences: issued, listed, shown, revoked. A revocation only tightens, so it never waits for a lock; it cannot be
// taken back (issue a new licence). `scope` limits a licence to one action. A licence whose `expires_at` has passed is
// expired from the start: it opens nothing, and says so.
#include "daemon/firearms/routes.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/domain/words.hpp"
#include "daemon/firearms/problems.hpp"
#include "daemon/gates/firearms.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"
#include "store/audit_log.hpp"
#include "store/model_rows.hpp"

namespace nexus::firearms {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using Draft = model::Draft<Licence>;
namespace schema = http::schema;

Json licence_json(Licence licence) {
  licence.status = gates::status_of(licence, now_micros());
  return model::json_of(kLicence, licence);
}

Draft parse_new(Input& input) { return model::take_new(kLicence, input.body); }

Applied issue(store::Tx& tx, const Caller& caller, const Draft& draft) {
  Licence licence = domain::made_by(caller, draft.value);
  licence.licence_id = new_id(caller.tenant());
  store::insert_row<kLicence>(tx, licence);
  return {.json = licence_json(licence),
          .subject_type = "licence",
          .subject_id = licence.licence_id,
          .details = model::json_of(kLicence, licence, {"subject_type", "subject_id", "scope", "level", "expires_at"}),
          .fields = {{"Location", "/firearms/licences/" + licence.licence_id}}};
}

Licence find(const store::Reader& reader, const Caller& caller, const std::string& licence_id) {
  auto licence = store::find_row<kLicence>(reader, caller.realm(), licence_id);
  if (!licence) throw Problem(problems::licence_not_found, "GET /firearms/licences lists them");
  return std::move(*licence);
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& licence_id) {
  return {.json = licence_json(find(reader, caller, licence_id))};
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return {.json =
              http::page_json<Licence>(page, store::list_licences(reader, caller.realm(), page.mark, page.limit + 1),
                                       licence_json, [](const Licence& row) { return row.licence_id; })};
}

std::string parse_revoke(Input& input) {
  input.body.optional_choice("status", {"revoked"});
  input.body.require("status");
  return input.param("licence_id");
}

Applied revoke(store::Tx& tx, const Caller& caller, const std::string& licence_id) {
  Licence licence = find(tx, caller, licence_id);
  Applied done{.json = nullptr, .subject_type = "licence", .subject_id = licence_id, .status = 200};
  if (licence.revoked_at) {
    done.unchanged_since = licence.revoked_seq;
  } else {
    licence.revoked_at = now_micros();
    licence.revoked_by = caller.user_id;
    licence.revoked_seq = store::next_audit_seq(tx, {.tenant = licence.tenant_id, .env = licence.env});
    store::update_row<kLicence>(tx, licence);
    done.details = model::json_of(kLicence, licence, {"subject_type", "subject_id", "level"});
  }
  done.json = licence_json(licence);
  return done;
}

http::Write handle_revoke(Input& input) {
  const std::string licence_id = parse_revoke(input);
  http::Write write;
  write.apply = [licence_id](store::Tx& tx, const Caller& caller) { return revoke(tx, caller, licence_id); };
  write.tightens = domain::tightens_always("firearms_revoke");
  return write;
}

}  // namespace

void add_licence_routes(http::RouteTable& routes) {
  routes.add({.method = "POST",
              .path = "/firearms/licences",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::admin, .mutates = true},
              .action = "firearms_issue",
              .surface = "control",
              .policy = gates::Policy::control,
              .effects = http::kOwnRowsAlone,
              .body = http::Body::json,
              .handler = http::writes(parse_new, issue),
              .docs = {"Issue a licence for dangerous actions",
                       "control",
                       model::create_schema(kLicence),
                       model::answer_schema(kLicence),
                       201,
                       {},
                       {}}});
  routes.add(domain::read_route("/firearms/licences", "firearms_read", Role::viewer,
                                http::reads([](Input& input) { return http::take_page(input, "licences"); }, list),
                                {"List licences",
                                 "control",
                                 {},
                                 schema::page(model::answer_schema(kLicence)),
                                 200,
                                 http::page_parameters(),
                                 {}}));
  routes.add(domain::read_route("/firearms/licences/{licence_id}", "firearms_read", Role::viewer,
                                http::reads([](Input& input) { return input.param("licence_id"); }, show),
                                {"Show a licence", "control", {}, model::answer_schema(kLicence), 200, {}, {404}}));
  routes.add(
      {.method = "PATCH",
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
                schema::named("LicenceRevoke", schema::object({"status"}, {{"status", schema::choice({"revoked"})}})),
                model::answer_schema(kLicence),
                200,
                {},
                {404}}});
}

void add_routes(http::RouteTable& routes, const domain::Services&) {
  add_licence_routes(routes);
  add_dangerous_action_routes(routes);
}

}  // namespace nexus::firearms
