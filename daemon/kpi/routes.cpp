// Definitions and observations. A definition is made or replaced under its name; an observation counts for its surface
// (its KPI's, when it names none) and for all.
#include "daemon/kpi/routes.hpp"

#include "daemon/base/remedy.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/gates/decimal.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/kpi/kpi_json.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::kpi {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::KpiDefinition;
using store::KpiObservation;
namespace schema = http::schema;

// ---- definitions ---------------------------------------------------------------------------------------------------

KpiDefinition parse_definition(Input& input) {
  KpiDefinition definition;
  definition.tenant_id = input.caller.tenant().str();
  definition.env = to_string(input.caller.env());
  definition.name = domain::take_name(input.body, "name");
  definition.surface = domain::take_optional_surface(input.body, false);
  definition.unit = input.body.optional_text("unit", {.min = 1, .max = 64});
  const auto aggregate = input.body.optional_choice("aggregate", {"sum", "mean", "last"});
  if (!input.body.sent("aggregate") || input.body.sent_null("aggregate")) input.body.fault("aggregate", "is required");
  definition.aggregate = aggregate.value_or("sum");
  definition.created_at = now_micros();
  definition.created_by = input.caller.user_id;
  return definition;
}

Json facts_of(const KpiDefinition& definition) {
  return {{"surface", or_null(definition.surface)},
          {"unit", or_null(definition.unit)},
          {"aggregate", definition.aggregate}};
}

Applied define(store::Tx& tx, const Caller&, const KpiDefinition& sent) {
  const auto before = store::find_kpi(tx, sent.realm(), sent.name);
  KpiDefinition after = sent;
  if (before) {
    after.created_at = before->created_at;
    after.created_by = before->created_by;
  }
  store::put_kpi(tx, after);
  return {.json = definition_json(after),
          .subject_type = "kpi_definition",
          .subject_id = after.name,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(after)}},
          .status = before ? 200 : 201};
}

/// Nothing that a gate reads changes: the unit is for people.
bool only_tightens(const store::Reader& reader, const KpiDefinition& after) {
  const auto before = store::find_kpi(reader, after.realm(), after.name);
  return before && before->surface == after.surface && before->aggregate == after.aggregate;
}

http::Write handle_define(Input& input) {
  const KpiDefinition definition = parse_definition(input);
  http::Write write;
  write.surface = definition.surface.value_or(std::string{});
  write.apply = [definition](store::Tx& tx, const Caller& caller) { return define(tx, caller, definition); };
  write.tightens = [definition](const store::Reader& reader, const Caller&) {
    return only_tightens(reader, definition);
  };
  return write;
}

Reply list_definitions(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return {.json =
              http::page_json<KpiDefinition>(page, store::list_kpis(reader, caller.realm(), page.mark, page.limit + 1),
                                             definition_json, [](const KpiDefinition& row) { return row.name; })};
}

// ---- observations --------------------------------------------------------------------------------------------------

KpiObservation parse_observation(Input& input) {
  const Micros now = now_micros();
  KpiObservation observation;
  observation.tenant_id = input.caller.tenant().str();
  observation.env = to_string(input.caller.env());
  observation.observation_id = new_id(input.caller.tenant());
  observation.kpi_name = domain::take_name(input.body, "kpi_name");
  observation.surface = domain::take_optional_surface(input.body, false);
  const auto value = input.body.optional_number("value");
  if (!input.body.sent("value") || input.body.sent_null("value")) input.body.fault("value", "is required");
  observation.value = value.value_or(0);
  observation.observed_at = domain::take_past(input.body, "observed_at", now).value_or(now);
  observation.created_at = now;
  observation.created_by = input.caller.user_id;
  return observation;
}

Applied observe(store::Tx& tx, const Caller&, const KpiObservation& sent) {
  const auto definition = store::find_kpi(tx, sent.realm(), sent.kpi_name);
  if (!definition)
    throw Problem(problems::validation_failed, "define the KPI first")
        .with_errors({{"/kpi_name", "is no defined KPI"}})
        .with_remedy("nexusctl kpi define " + word_or(sent.kpi_name, "NAME") + " --aggregate HOW");
  KpiObservation observation = sent;
  if (!observation.surface) observation.surface = definition->surface;
  store::insert_observation(tx, observation);
  return {.json = observation_json(observation),
          .subject_type = "kpi_observation",
          .subject_id = observation.observation_id,
          .details = {{"kpi_name", observation.kpi_name},
                      {"surface", or_null(observation.surface)},
                      {"value", gates::decimal(observation.value)}},
          .status = 201};
}

Reply list_all_observations(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return {.json = http::page_json<KpiObservation>(
              page, store::list_observations(reader, caller.realm(), page.mark, page.limit + 1), observation_json,
              [](const KpiObservation& row) { return row.observation_id; })};
}

}  // namespace

void add_kpi_routes(http::RouteTable& routes) {
  routes.add(domain::config_route("POST", "/kpi/definitions", "kpi_definition_update", Direction::told, handle_define,
                                  {"Define a KPI, or replace its definition",
                                   "kpi",
                                   definition_schema(false),
                                   definition_schema(true),
                                   201,
                                   {},
                                   {200}}));
  routes.add(domain::measure_route(
      "/kpi/definitions", "kpi_read",
      http::reads([](Input& input) { return http::take_page(input, "kpi_definitions"); }, list_definitions),
      {"List KPI definitions, in order of name",
       "kpi",
       {},
       schema::page(definition_schema(true)),
       200,
       http::page_parameters(),
       {}}));
  routes.add(domain::telemetry_route(
      "/kpi/observations", "kpi_observe", "kpi", http::writes(parse_observation, observe),
      {"Record an observation of a KPI", "kpi", observation_schema(false), observation_schema(true), 201, {}, {}}));
  routes.add(domain::measure_route(
      "/kpi/observations", "kpi_read",
      http::reads([](Input& input) { return http::take_page(input, "kpi_observations"); }, list_all_observations),
      {"List observations, newest first",
       "kpi",
       {},
       schema::page(observation_schema(true)),
       200,
       http::page_parameters(),
       {}}));
}

}  // namespace nexus::kpi
