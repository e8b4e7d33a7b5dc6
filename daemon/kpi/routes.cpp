// Definitions, corridors and observations of KPIs. A definition is created or replaced under its name. A corridor holds
// the bounds of a KPI on a surface, or on all ('*'), which the KPI gate enforces. An observation counts for its surface
// (the definition's, when it names none) and for all.
#include <cmath>

#include "daemon/base/shell.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/gates/decision.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/kpi/limits.hpp"
#include "daemon/kpi/problems.hpp"
#include "daemon/model/problems.hpp"
#include "store/metrics.hpp"

namespace nexus::kpi {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr int kConfigMax = 1000;

// ---- definitions --------------------------------------------------------------------------------------------------

/// The definition that a corridor or an observation needs. Throws a 422 that says how to define the KPI.
Definition defined(const store::Reader& reader, Realm realm, const std::string& name) {
  auto definition = store::find_row<kDefinition>(reader, realm, name);
  if (!definition)
    throw Problem(problems::validation_failed, "define the KPI first")
        .with_errors({{"/kpi_name", "is no defined KPI"}})
        .with_remedy("nexusctl kpi define " + word_or(name, "NAME") + " --aggregate HOW");
  return std::move(*definition);
}

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

/// Changes nothing that a gate reads: the unit is for people.
bool changes_unit_alone(const store::Reader& reader, const Caller&, const Definition& after) {
  const auto before = store::find_row<kDefinition>(reader, after.realm(), after.name);
  return before && before->surface == after.surface && before->aggregate == after.aggregate;
}

// ---- corridors ----------------------------------------------------------------------------------------------------

Corridor parse_corridor(Input& input) {
  Corridor corridor = domain::made_by(input.caller, model::take_new(kCorridor, input.body).value);
  if (corridor.floor && corridor.ceiling && *corridor.floor > *corridor.ceiling)
    input.body.fault("floor", "must not be above the ceiling");
  return corridor;
}

/// The part of a corridor that the audit row keeps.
Json facts_of(const Corridor& corridor) {
  Json facts = model::json_of(kCorridor, corridor, {"floor", "ceiling", "window_days", "require_data"});
  if (corridor.floor) facts["floor"] = gates::decimal(*corridor.floor);
  if (corridor.ceiling) facts["ceiling"] = gates::decimal(*corridor.ceiling);
  return facts;
}

Applied put_corridor(store::Tx& tx, const Caller&, const Corridor& corridor) {
  defined(tx, corridor.realm(), corridor.kpi_name);
  const auto before = store::find_row<kCorridor>(tx, corridor.realm(), corridor.surface, corridor.kpi_name);
  store::put_row<kCorridor>(tx, corridor);
  return {.json = model::json_of(kCorridor, corridor),
          .subject_type = "kpi_corridor",
          .subject_id = corridor.surface + "/" + corridor.kpi_name,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(corridor)}},
          .status = 200};
}

/// Narrowing a corridor only tightens and is never gated. A strict env refuses a surface without any corridor, so there
/// its first corridor tightens only where '*' has one already.
bool only_tightens(const store::Reader& reader, const Corridor& after, bool strict) {
  const auto before = store::find_row<kCorridor>(reader, after.realm(), after.surface, after.kpi_name);
  if (!before && !strict) return true;  // an unconfigured surface passes here, so a first corridor can only refuse more
  if (!before)                          // on a configured surface a further corridor can only refuse more
    return !store::corridors_of(reader, after.realm(), after.surface).empty() &&
           store::has_row<kDefinition>(reader, after.realm(), after.kpi_name);
  const bool floor_stays = !before->floor || (after.floor && *after.floor >= *before->floor);
  const bool ceiling_stays = !before->ceiling || (after.ceiling && *after.ceiling <= *before->ceiling);
  return floor_stays && ceiling_stays && after.window_days == before->window_days &&
         (after.require_data || !before->require_data);
}

/// The key of a corridor. Like that of a budget, its removal is judged under the surface `control`.
struct CorridorName {
  std::string on_surface, kpi_name;
};

CorridorName parse_corridor_name(Input& input) {
  return {domain::name_in_path(input, "surface"), domain::name_in_path(input, "kpi_name")};
}

[[noreturn]] void no_corridor(const CorridorName& name) {
  const std::string where = name.on_surface == "*" ? "all surfaces together" : "the surface " + name.on_surface;
  throw Problem(problems::kpi_corridor_not_found,
                "the KPI " + name.kpi_name + " has no corridor for " + where + " in this tenant and env")
      .with_remedy("nexusctl kpi corridors");
}

Applied remove_corridor(store::Tx& tx, const Caller& caller, const CorridorName& name) {
  const auto before = store::find_row<kCorridor>(tx, caller.realm(), name.on_surface, name.kpi_name);
  if (!before) no_corridor(name);
  store::remove_corridor(tx, caller.realm(), name.on_surface, name.kpi_name);
  return {.json = nullptr,
          .subject_type = "kpi_corridor",
          .subject_id = name.on_surface + "/" + name.kpi_name,
          .details = {{"before", facts_of(*before)}, {"after", nullptr}},
          .status = 204};
}

/// A strict env refuses a surface without any corridor. So there the removal of a corridor only tightens where none is
/// left that judges a surface which this one judged.
bool removal_only_tightens(const store::Reader& reader, Realm realm, const CorridorName& name, bool strict) {
  if (!strict || !store::has_row<kCorridor>(reader, realm, name.on_surface, name.kpi_name)) return false;
  return name.on_surface == "*" ? !store::has_other_corridor(reader, realm, name.on_surface, name.kpi_name)
                                : store::corridors_of(reader, realm, name.on_surface).size() == 1;
}

std::string mark_of_corridor(const Corridor& row) { return row.surface + "\n" + row.kpi_name; }

std::vector<Corridor> list_corridors(const store::Reader& reader, Realm realm, std::string_view mark, int limit) {
  const std::size_t end = std::min(mark.find('\n'), mark.size());
  return store::list_corridors(reader, realm, mark.substr(0, end), mark.substr(std::min(end + 1, mark.size())), limit);
}

/// Definitions and corridors in one answer; with a surface, the corridors that judge it.
Reply show_config(const store::Reader& reader, const Caller& caller, const std::optional<std::string>& surface) {
  Json definitions = Json::array(), corridors = Json::array();
  for (const auto& row : store::list_by_key<kDefinition>(reader, caller.realm(), "", kConfigMax))
    definitions.push_back(model::json_of(kDefinition, row));
  const auto rows = surface ? store::corridors_of(reader, caller.realm(), *surface)
                            : store::list_corridors(reader, caller.realm(), "", "", kConfigMax);
  for (const auto& row : rows) corridors.push_back(model::json_of(kCorridor, row));
  return {.json = domain::in_context({{"definitions", std::move(definitions)}, {"corridors", std::move(corridors)}},
                                     caller)};
}

// ---- observations -------------------------------------------------------------------------------------------------

Observation parse_observation(Input& input) {
  auto observation = domain::made_by(input.caller, model::take_new(kObservation, input.body).value);
  observation.observation_id = new_id(input.caller.tenant());
  observation.observed_at =
      domain::take_past(input.body, "observed_at", observation.observed_at, observation.created_at);
  return observation;
}

Applied observe(store::Tx& tx, const Caller& caller, const Observation& sent) {
  if (!caller.sees_all() && std::abs(sent.value) > static_cast<double>(limits::observation_by_members_max))
    throw Problem(problems::auth_insufficient_role, "an admin records a value beyond 10^15");
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

Applied void_observation(store::Tx& tx, const Caller& caller, const domain::Voiding& voiding) {
  domain::judge_voiding(caller);
  Observation observation = found(store::find_row<kObservation>(tx, caller.realm(), voiding.id),
                                  problems::observation_not_found, "they are shown by nexusctl kpi observations");
  if (observation.voided_at) throw Problem(problems::observation_voided, "it was voided before");
  observation.voided_at = now_micros();
  observation.voided_by = caller.user_id;
  observation.void_reason = voiding.reason;
  store::void_observation(tx, observation);
  return {.json = model::json_of(kObservation, observation),
          .subject_type = "kpi_observation",
          .subject_id = observation.observation_id,
          .details = {{"reason", voiding.reason},
                      {"kpi_name", observation.kpi_name},
                      {"value", gates::decimal(observation.value)}},
          .status = 200};
}

// ---- routes -------------------------------------------------------------------------------------------------------

Json corridor_request_schema() {
  Json out = schema::named("KpiCorridorSet", model::create_schema(kCorridor));
  out["properties"]["window_days"]["default"] = Corridor{}.window_days;
  return out;
}

Json config_schema() {
  return schema::named("KpiConfig", domain::with_context_schema(
                                        schema::whole({{"definitions", schema::list(model::answer_schema(kDefinition))},
                                                       {"corridors", schema::list(model::answer_schema(kCorridor))}})));
}

void add_corridor_routes(http::RouteTable& routes, const http::Surface& surface, const gates::Strictness& strict) {
  const Json shape = model::answer_schema(kCorridor);
  const auto tightens = [strict](const store::Reader& reader, const Caller& caller, const Corridor& corridor) {
    return only_tightens(reader, corridor, strict(caller.env()));
  };
  routes.add(surface.put("/kpi/corridors", "kpi_corridor_update",
                         domain::configures(parse_corridor, put_corridor, tightens),
                         {.summary = "Set the corridor of a KPI for a surface, or for all",
                          .request = corridor_request_schema(),
                          .response = shape}));
  routes.add(surface.list(
      "/kpi/corridors",
      http::page_of<kCorridor>("kpi_corridors", list_corridors, http::row_json<kCorridor>, mark_of_corridor),
      {.summary = "List corridors, in order of surface and name", .response = shape}));
  const auto removal_tightens = [strict](const store::Reader& reader, const Caller& caller, const CorridorName& name) {
    return removal_only_tightens(reader, caller.realm(), name, strict(caller.env()));
  };
  routes.add(surface.remove("/kpi/corridors/{kpi_name}/{surface}", "kpi_corridor_remove",
                            domain::configures(parse_corridor_name, remove_corridor, removal_tightens),
                            {.summary = "Remove the corridor of a KPI for a surface, or for all"}));
  http::Route config = surface.get(
      "/kpi/config",
      http::reads([](Input& input) { return domain::take_optional_surface(input.query, true); }, show_config),
      {.summary = "Definitions and corridors at a glance",
       .response = config_schema(),
       .query = {domain::surface_parameter(true)}});
  config.takes_long = true;  // up to 1000 of each
  routes.add(std::move(config));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("kpi", "KPI definitions, corridors and observations");
  const Json definition = model::answer_schema(kDefinition), observation = model::answer_schema(kObservation);
  const http::Surface surface = domain::configuring("kpi", "kpi_read");
  routes.add(surface.create("/kpi/definitions", "kpi_definition_update",
                            domain::configures(parse_definition, define, changes_unit_alone),
                            {.summary = "Define a KPI, or replace its definition",
                             .request = model::create_schema(kDefinition),
                             .response = definition,
                             .refusals = {200}}));
  routes.add(surface.list("/kpi/definitions", http::by_key<kDefinition>("kpi_definitions"),
                          {.summary = "List KPI definitions, in order of name", .response = definition}));
  const http::Surface recording{.name = "kpi", .policy = gates::Policy::telemetry};
  routes.add(recording.create("/kpi/observations", "kpi_observe", http::writes(parse_observation, observe),
                              {.summary = "Record an observation of a KPI",
                               .request = model::create_schema(kObservation),
                               .response = observation}));
  routes.add(domain::voiding("kpi").act(
      "/kpi/observations/{observation_id}/void", "observation_void",
      http::writes([](Input& input) { return domain::take_voiding(input, "observation_id"); }, void_observation),
      {.summary = "Void an observation that was a mistake: it counts no more",
       .request = domain::voiding_schema(),
       .response = observation,
       .refusals = {404, 409}}));
  routes.add(surface.list("/kpi/observations", http::newest<kObservation>("kpi_observations"),
                          {.summary = "List observations, newest first", .response = observation}));
  add_corridor_routes(routes, surface, services.strict);
}

}  // namespace nexus::kpi
