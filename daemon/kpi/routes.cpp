// Definitions and observations. A definition is made or replaced under its name; an observation counts for its surface
// (its KPI's, when it names none) and for all.
#include "daemon/kpi/routes.hpp"

#include "daemon/base/remedy.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/gates/decimal.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/kpi/defined.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/model/schema.hpp"
#include "store/kpi.hpp"
#include "store/model_rows.hpp"

namespace nexus::kpi {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

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
  return {.json = model::json_of(kDefinition, after),
          .subject_type = "kpi_definition",
          .subject_id = after.name,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(after)}},
          .status = before ? 200 : 201};
}

/// Nothing that a gate reads changes: the unit is for people.
bool only_tightens(const store::Reader& reader, const Definition& after) {
  const auto before = store::find_row<kDefinition>(reader, after.realm(), after.name);
  return before && before->surface == after.surface && before->aggregate == after.aggregate;
}

http::Write handle_define(Input& input) {
  const Definition definition = parse_definition(input);
  http::Write write;
  write.surface = definition.surface.value_or(std::string{});
  write.apply = [definition](store::Tx& tx, const Caller& caller) { return define(tx, caller, definition); };
  write.tightens = [definition](const store::Reader& reader, const Caller&) {
    return only_tightens(reader, definition);
  };
  return write;
}

Reply list_definitions(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return {.json = http::page_json<Definition>(
              page, store::list_kpis(reader, caller.realm(), page.mark, page.limit + 1),
              [](const Definition& row) { return model::json_of(kDefinition, row); },
              [](const Definition& row) { return row.name; })};
}

// ---- observations --------------------------------------------------------------------------------------------------

Observation parse_observation(Input& input) {
  Observation observation = domain::made_by(input.caller, model::take_new(kObservation, input.body).value);
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
  return {.json = model::json_of(kObservation, observation),
          .subject_type = "kpi_observation",
          .subject_id = observation.observation_id,
          .details = std::move(details)};
}

Reply list_all_observations(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return {.json = http::page_json<Observation>(
              page, store::list_observations(reader, caller.realm(), page.mark, page.limit + 1),
              [](const Observation& row) { return model::json_of(kObservation, row); },
              [](const Observation& row) { return row.observation_id; })};
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
  const Json definition = model::answer_schema(kDefinition);
  const Json observation = model::answer_schema(kObservation);
  routes.add(domain::config_route("POST", "/kpi/definitions", "kpi_definition_update", Direction::told, handle_define,
                                  {.summary = "Define a KPI, or replace its definition",
                                   .tag = "kpi",
                                   .request = model::create_schema(kDefinition),
                                   .response = definition,
                                   .success = 201,
                                   .refusals = {200}}));
  routes.add(domain::measure_route(
      "/kpi/definitions", "kpi_read",
      http::reads([](Input& input) { return http::take_page(input, "kpi_definitions"); }, list_definitions),
      {.summary = "List KPI definitions, in order of name",
       .tag = "kpi",
       .response = schema::page(definition),
       .query = http::page_parameters()}));
  routes.add(domain::telemetry_route("/kpi/observations", "kpi_observe", "kpi",
                                     http::writes(parse_observation, observe),
                                     {.summary = "Record an observation of a KPI",
                                      .tag = "kpi",
                                      .request = model::create_schema(kObservation),
                                      .response = observation,
                                      .success = 201}));
  routes.add(domain::measure_route(
      "/kpi/observations", "kpi_read",
      http::reads([](Input& input) { return http::take_page(input, "kpi_observations"); }, list_all_observations),
      {.summary = "List observations, newest first",
       .tag = "kpi",
       .response = schema::page(observation),
       .query = http::page_parameters()}));
}

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("kpi", "KPI definitions, corridors and observations");
  add_kpi_routes(routes);
  add_corridor_routes(routes, services.strict);
}

}  // namespace nexus::kpi
