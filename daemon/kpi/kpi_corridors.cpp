// Corridors: the bounds of a KPI on a surface, or on all ('*'). Narrowing one only tightens and is never gated. A
// strict env refuses a surface without any corridor, so there its first corridor tightens only where '*' has one
// already.
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/gates/decimal.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "daemon/kpi/defined.hpp"
#include "daemon/kpi/routes.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"
#include "store/kpi.hpp"

namespace nexus::kpi {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr int kConfigMax = 1000;

Json corridor_json(const Corridor& corridor) { return model::json_of(kCorridor, corridor); }

Corridor parse(Input& input) {
  Corridor corridor = domain::made_by(input.caller, model::take_new(kCorridor, input.body).value);
  if (corridor.floor && corridor.ceiling && *corridor.floor > *corridor.ceiling)
    input.body.fault("floor", "must not be above the ceiling");
  return corridor;
}

Json bound(const std::optional<double>& value) { return value ? Json(gates::decimal(*value)) : Json(); }

/// The part of a corridor that the audit row keeps.
Json facts_of(const Corridor& corridor) {
  return {{"floor", bound(corridor.floor)},
          {"ceiling", bound(corridor.ceiling)},
          {"window_days", corridor.window_days},
          {"require_data", corridor.require_data}};
}

Applied put(store::Tx& tx, const Caller&, const Corridor& corridor) {
  defined(tx, corridor.realm(), corridor.kpi_name);
  const auto before = store::find_row<kCorridor>(tx, corridor.realm(), corridor.surface, corridor.kpi_name);
  store::put_row<kCorridor>(tx, corridor);
  return {.json = corridor_json(corridor),
          .subject_type = "kpi_corridor",
          .subject_id = corridor.surface + "/" + corridor.kpi_name,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(corridor)}},
          .status = 200};
}

bool only_tightens(const store::Reader& reader, const Corridor& after, bool strict) {
  const auto before = store::find_row<kCorridor>(reader, after.realm(), after.surface, after.kpi_name);
  if (!before && !strict) return true;  // an unconfigured surface passes here, so a first corridor can only refuse more
  if (!before)                          // on a configured surface a further corridor can only refuse more
    return !store::corridors_of(reader, after.realm(), after.surface).empty() &&
           store::find_row<kDefinition>(reader, after.realm(), after.kpi_name).has_value();
  const bool floor_stays = !before->floor || (after.floor && *after.floor >= *before->floor);
  const bool ceiling_stays = !before->ceiling || (after.ceiling && *after.ceiling <= *before->ceiling);
  return floor_stays && ceiling_stays && after.window_days == before->window_days &&
         (after.require_data || !before->require_data);
}

// ---- read ----------------------------------------------------------------------------------------------------------

std::string mark_of_corridor(const Corridor& row) { return row.surface + "\n" + row.kpi_name; }

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  const std::size_t end = page.mark.find('\n');
  const std::string surface = page.mark.substr(0, end);
  const std::string name = end == std::string::npos ? "" : page.mark.substr(end + 1);
  return {.json = http::page_json<Corridor>(
              page, store::list_corridors(reader, caller.realm(), surface, name, page.limit + 1), corridor_json,
              mark_of_corridor)};
}

/// Definitions and corridors in one answer; with a surface, the corridors that judge it.
Reply show(const store::Reader& reader, const Caller& caller, const std::optional<std::string>& surface) {
  Json definitions = Json::array(), corridors = Json::array();
  for (const auto& row : store::list_by_key<kDefinition>(reader, caller.realm(), "", kConfigMax))
    definitions.push_back(model::json_of(kDefinition, row));
  const auto rows = surface ? store::corridors_of(reader, caller.realm(), *surface)
                            : store::list_corridors(reader, caller.realm(), "", "", kConfigMax);
  for (const auto& row : rows) corridors.push_back(corridor_json(row));
  return {.json = domain::in_context({{"definitions", std::move(definitions)}, {"corridors", std::move(corridors)}},
                                     caller)};
}

Json request_schema() {
  Json out = schema::named("KpiCorridorSet", model::create_schema(kCorridor));
  out["properties"]["window_days"]["default"] = Corridor{}.window_days;
  return out;
}

Json config_schema() {
  return schema::named("KpiConfig", domain::with_context_schema(
                                        schema::whole({{"definitions", schema::list(model::answer_schema(kDefinition))},
                                                       {"corridors", schema::list(model::answer_schema(kCorridor))}})));
}

}  // namespace

void add_corridor_routes(http::RouteTable& routes, const gates::Strictness& strict) {
  const Json shape = model::answer_schema(kCorridor);
  const http::Surface surface = domain::configuring("kpi", "kpi_read");
  const auto tightens = [strict](const store::Reader& reader, const Caller& caller, const Corridor& corridor) {
    return only_tightens(reader, corridor, strict(caller.env()));
  };
  routes.add(surface.put("/kpi/corridors", "kpi_corridor_update", domain::configures(parse, put, tightens),
                         {.summary = "Set the corridor of a KPI for a surface, or for all",
                          .request = request_schema(),
                          .response = shape}));
  routes.add(surface.list("/kpi/corridors",
                          http::reads([](Input& input) { return http::take_page(input, "kpi_corridors"); }, list),
                          {.summary = "List corridors, in order of surface and name", .response = shape}));
  http::Route config = surface.get(
      "/kpi/config", http::reads([](Input& input) { return domain::take_optional_surface(input.query, true); }, show),
      {.summary = "Definitions and corridors at a glance",
       .response = config_schema(),
       .query = {domain::surface_parameter(true)}});
  config.takes_long = true;  // up to 1000 of each
  routes.add(std::move(config));
}

}  // namespace nexus::kpi
