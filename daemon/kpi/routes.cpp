// Definitions and observations. A definition is created or replaced under its name. An observation counts for its
// surface (the definition's, when it names none) and for all.
#include "daemon/kpi/routes.hpp"
#include "daemon/domain/services.hpp"

#include "daemon/base/remedy.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/gates/decimal.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/http/surface.hpp"
#include "daemon/kpi/defined.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/model/schema.hpp"
#include "store/kpi.hpp"

namespace nexus::kpi {
namespace {

using http::Applied;
using http::Input;

Json definition_json(const Definition& definition) { return model::json_of(kDefinition, definition); }
Json observation_json(const Observation& observation) { return model::json_of(kObservation, observation); }

// ---- definitions ---------------------------------------------------------------------------------------------------

Definition parse_definition(Input& input) {
  return domain::made_by(input.caller, model::take_new(kDefinition, input.body).value);
}

Json facts_of(const Definition& definition) {
  return model::json_of(kDefinition, definition, {"surface", "unit", "aggregate"});
}

Applied define(store::Tx& tx, const Caller&, const Definition& sent) {
  const auto before = store::find_row<kDefinition>(tx, sent.realm(), sent.name);
  Definition after = sent;
  if (before) {
    after.created_at = before->created_at;
    after.created_by = before->created_by;
  }
  store::put_row<kDefinition>(tx, after);
  return {.json = definition_json(after),
          .subject_type = "kpi_definition",
          .subject_id = after.name,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(after)}},
          .status = before ? 200 : 201};
}

/// Changes nothing that a gate reads: the unit is for people.
bool only_tightens(const store::Reader& reader, const Caller&, const Definition& after) {
  const auto before = store::find_row<kDefinition>(reader, after.realm(), after.name);
  return before && before->surface == after.surface && before->aggregate == after.aggregate;
}

// ---- observations --------------------------------------------------------------------------------------------------

Observation parse_observation(Input& input) {
  auto observation = domain::made_by(input.caller, model::take_new(kObservation, input.body).value);
  observation.observation_id = new_id(input.caller.tenant());
  observation.observed_at =
      domain::take_past(input.body, "observed_at", observation.observed_at, observation.created_at);
  return observation;
}

Applied observe(store::Tx& tx, const Caller&, const Observation& sent) {
  const Definition definition = defined(tx, sent.realm(), sent.kpi_name);
  Observation observation = sent;
  if (!observation.surface) observation.surface = definition.surface;
  store::insert_observation(tx, observation);
  Json details = model::json_of(kObservation, observation, {"kpi_name", "surface"});
  details["value"] = gates::decimal(observation.value);
  return {.json = observation_json(observation),
          .subject_type = "kpi_observation",
          .subject_id = observation.observation_id,
          .details = std::move(details)};
}

}  // namespace

Definition defined(const store::Reader& reader, Realm realm, const std::string& name) {
  auto definition = store::find_row<kDefinition>(reader, realm, name);
  if (!definition)
    throw Problem(problems::validation_failed, "define the KPI first")
        .with_errors({{"/kpi_name", "is no defined KPI"}})
        .with_remedy("nexusctl kpi define " + word_or(name, "NAME") + " --aggregate HOW");
  return std::move(*definition);
}

void add_kpi_routes(http::RouteTable& routes) {
  const Json definition = model::answer_schema(kDefinition), observation = model::answer_schema(kObservation);
  const http::Surface surface = domain::configuring("kpi", "kpi_read");
  routes.add(surface.create("/kpi/definitions", "kpi_definition_update",
                            domain::configures(parse_definition, define, only_tightens),
                            {.summary = "Define a KPI, or replace its definition",
                             .request = model::create_schema(kDefinition),
                             .response = definition,
                             .refusals = {200}}));
  routes.add(surface.list("/kpi/definitions", http::by_key<kDefinition>("kpi_definitions", definition_json),
                          {.summary = "List KPI definitions, in order of name", .response = definition}));
  const http::Surface recording{.name = "kpi", .policy = gates::Policy::telemetry};
  routes.add(recording.create("/kpi/observations", "kpi_observe", http::writes(parse_observation, observe),
                              {.summary = "Record an observation of a KPI",
                               .request = model::create_schema(kObservation),
                               .response = observation}));
  routes.add(surface.list("/kpi/observations", http::newest<kObservation>("kpi_observations", observation_json),
                          {.summary = "List observations, newest first", .response = observation}));
}

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("kpi", "KPI definitions, corridors and observations");
  add_kpi_routes(routes);
  add_corridor_routes(routes, services.strict);
}

}  // namespace nexus::kpi
