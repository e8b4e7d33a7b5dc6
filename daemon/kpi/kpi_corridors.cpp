// Corridors: within which bounds a KPI of a surface, or of all ('*'), has to stay. Narrowing one only tightens and is
// never gated; in a strict env, where a surface without any is refused, its first corridor tightens only where '*' has
// one already.
#include "daemon/base/remedy.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/gates/decimal.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/kpi/kpi_json.hpp"
#include "daemon/kpi/routes.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::kpi {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::KpiCorridor;
namespace schema = http::schema;

constexpr int kConfigMax = 1000;

KpiCorridor parse(Input& input) {
  KpiCorridor corridor;
  corridor.tenant_id = input.caller.tenant().str();
  corridor.env = to_string(input.caller.env());
  corridor.kpi_name = domain::take_name(input.body, "kpi_name");
  corridor.surface = domain::take_surface(input.body, true);
  corridor.floor = input.body.optional_number("floor");
  corridor.ceiling = input.body.optional_number("ceiling");
  corridor.window_days = domain::take_window_days(input.body);
  corridor.require_data = input.body.optional_boolean("require_data").value_or(false);
  if (corridor.floor && corridor.ceiling && *corridor.floor > *corridor.ceiling)
    input.body.fault("floor", "must not be above the ceiling");
  corridor.updated_at = now_micros();
  corridor.updated_by = input.caller.user_id;
  return corridor;
}

Json bound(const std::optional<double>& value) { return value ? Json(gates::decimal(*value)) : Json(); }

/// What the audit row keeps of a corridor.
Json facts_of(const KpiCorridor& corridor) {
  return {{"floor", bound(corridor.floor)},
          {"ceiling", bound(corridor.ceiling)},
          {"window_days", corridor.window_days},
          {"require_data", corridor.require_data}};
}

Applied put(store::Tx& tx, const Caller&, const KpiCorridor& corridor) {
  if (!store::find_kpi(tx, corridor.realm(), corridor.kpi_name))
    throw Problem(problems::validation_failed, "define the KPI first")
        .with_errors({{"/kpi_name", "is no defined KPI"}})
        .with_remedy("nexusctl kpi define " + word_or(corridor.kpi_name, "NAME") + " --aggregate HOW");
  const auto before = store::find_corridor(tx, corridor.realm(), corridor.surface, corridor.kpi_name);
  store::put_corridor(tx, corridor);
  return {.json = corridor_json(corridor),
          .subject_type = "kpi_corridor",
          .subject_id = corridor.surface + "/" + corridor.kpi_name,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(corridor)}},
          .status = 200};
}

bool only_tightens(const store::Reader& reader, const KpiCorridor& after, bool strict) {
  const auto before = store::find_corridor(reader, after.realm(), after.surface, after.kpi_name);
  if (!before && !strict) return true;  // nothing configured lets pass here, so a first corridor can only refuse more
  if (!before)  // harmless where the surface is configured already: a further corridor can only refuse more
    return !store::corridors_of(reader, after.realm(), after.surface).empty() &&
           store::find_kpi(reader, after.realm(), after.kpi_name).has_value();
  const bool floor_stays = !before->floor || (after.floor && *after.floor >= *before->floor);
  const bool ceiling_stays = !before->ceiling || (after.ceiling && *after.ceiling <= *before->ceiling);
  return floor_stays && ceiling_stays && after.window_days == before->window_days &&
         (after.require_data || !before->require_data);
}

http::Write handle_put(Input& input, const gates::Strictness& strict) {
  const KpiCorridor corridor = parse(input);
  http::Write write;
  write.surface = corridor.surface;
  write.apply = [corridor](store::Tx& tx, const Caller& caller) { return put(tx, caller, corridor); };
  write.tightens = [corridor, strict](const store::Reader& reader, const Caller& caller) {
    return only_tightens(reader, corridor, strict(caller.env()));
  };
  return write;
}

// ---- read ----------------------------------------------------------------------------------------------------------

std::string mark_of_corridor(const KpiCorridor& row) { return row.surface + "\n" + row.kpi_name; }

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  const std::size_t end = page.mark.find('\n');
  const std::string surface = page.mark.substr(0, end);
  const std::string name = end == std::string::npos ? "" : page.mark.substr(end + 1);
  return {.json = http::page_json<KpiCorridor>(
              page, store::list_corridors(reader, caller.realm(), surface, name, page.limit + 1), corridor_json,
              mark_of_corridor)};
}

/// Definitions and corridors at a glance: with a surface, what judges that surface.
Reply show_config(const store::Reader& reader, const Caller& caller, const std::optional<std::string>& surface) {
  const std::string& tenant = caller.tenant().str();
  const std::string_view env = to_string(caller.env());
  Json definitions = Json::array(), corridors = Json::array();
  for (const auto& row : store::list_kpis(reader, {.tenant = tenant, .env = env}, "", kConfigMax))
    definitions.push_back(definition_json(row));
  const auto rows = surface ? store::corridors_of(reader, {.tenant = tenant, .env = env}, *surface)
                            : store::list_corridors(reader, {.tenant = tenant, .env = env}, "", "", kConfigMax);
  for (const auto& row : rows) corridors.push_back(corridor_json(row));
  return {.json = domain::in_context({{"definitions", std::move(definitions)}, {"corridors", std::move(corridors)}},
                                     caller)};
}

}  // namespace

void add_corridor_routes(http::RouteTable& routes, const gates::Strictness& strict) {
  routes.add(domain::config_route("PUT", "/kpi/corridors", "kpi_corridor_update", Direction::told,
                                  [strict](Input& input) { return handle_put(input, strict); },
                                  {"Set the corridor of a KPI for a surface, or for all",
                                   "kpi",
                                   corridor_schema(false),
                                   corridor_schema(true),
                                   200,
                                   {},
                                   {}}));
  routes.add(
      domain::measure_route("/kpi/corridors", "kpi_read",
                            http::reads([](Input& input) { return http::take_page(input, "kpi_corridors"); }, list),
                            {"List corridors, in order of surface and name",
                             "kpi",
                             {},
                             schema::page(corridor_schema(true)),
                             200,
                             http::page_parameters(),
                             {}}));
  http::Route config = domain::measure_route(
      "/kpi/config", "kpi_read",
      http::reads([](Input& input) { return domain::take_optional_surface(input.query, true); }, show_config),
      {"Definitions and corridors at a glance",
       "kpi",
       {},
       schema::named("KpiConfig",
                     domain::with_context_schema(schema::object({"definitions", "corridors"},
                                                                {{"definitions", schema::list(definition_schema(true))},
                                                                 {"corridors", schema::list(corridor_schema(true))}}))),
       200,
       {domain::surface_parameter(true)},
       {}});
  config.takes_long = true;  // up to 1000 of each
  routes.add(std::move(config));
}

}  // namespace nexus::kpi
