// Licences: issued, listed, shown, revoked. A revocation only tightens, so it never waits for a lock. It is final;
// issue a new licence instead. `scope` limits a licence to one action. A licence whose `expires_at` has passed is
// expired from the start: it permits nothing, and says so.
#include "daemon/firearms/routes.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/firearms/problems.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/gates/firearms.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"
#include "store/audit_log.hpp"
#include "store/model_rows.hpp"

namespace nexus::firearms {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

Json licence_json(Licence licence) {
  licence.status = gates::status_of(licence, now_micros());
  return model::json_of(kLicence, licence);
}

Licence parse_new(Input& input) { return model::take_new(kLicence, input.body).value; }

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

Licence find(const store::Reader& reader, const Caller& caller, const std::string& licence_id) {
  auto licence = store::find_row<kLicence>(reader, caller.realm(), licence_id);
  if (!licence) throw Problem(problems::licence_not_found, "GET /firearms/licences lists them");
  return std::move(*licence);
}

Json show(const store::Reader& reader, const Caller& caller, const std::string& licence_id) {
  return licence_json(find(reader, caller, licence_id));
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
    licence.revoked_seq = store::next_audit_seq(tx, caller.realm());
    store::update_row<kLicence>(tx, licence);
    done.details = model::json_of(kLicence, licence, {"subject_type", "subject_id", "level"});
  }
  done.json = licence_json(licence);
  return done;
}

}  // namespace

void add_licence_routes(http::RouteTable& routes) {
  http::Surface surface{.name = "control",
                        .read_action = "firearms_read",
                        .writes = Role::admin,
                        .policy = gates::Policy::control,
                        .effects = http::kOwnRowsAlone};
  const Json shape = model::answer_schema(kLicence);
  routes.add(surface.create("/firearms/licences", "firearms_issue", http::writes(parse_new, issue),
                            {.summary = "Issue a licence for dangerous actions",
                             .request = model::create_schema(kLicence),
                             .response = shape}));
  routes.add(surface.list("/firearms/licences", http::newest<kLicence>("licences", licence_json),
                          {.summary = "List licences", .response = shape}));
  routes.add(surface.show("/firearms/licences/{licence_id}", http::one("licence_id", show),
                          {.summary = "Show a licence", .response = shape}));
  surface.effects = {http::Urgency::stops, http::EndsStreams::no, http::Repairs::no, Direction::told};
  const Json revoked = schema::whole({{"status", schema::choice({"revoked"})}});
  routes.add(surface.change("/firearms/licences/{licence_id}", "firearms_revoke",
                            domain::configures(parse_revoke, revoke, domain::tightens_always("firearms_revoke")),
                            {.summary = "Revoke a licence, for good",
                             .request = schema::named("LicenceRevoke", revoked),
                             .response = shape}));
}

void add_routes(http::RouteTable& routes, const domain::Services&) {
  add_licence_routes(routes);
  add_dangerous_action_routes(routes);
}

}  // namespace nexus::firearms
