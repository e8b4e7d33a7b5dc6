// nexusctl kpi: what is measured, the corridors that surfaces are held to, and observations.
#include "cli/commands/measures.hpp"
#include "cli/engine/commands.hpp"
#include "cli/engine/listing.hpp"

namespace nexus::cli {
namespace {

const Shape kDefinitionShape = {"name", {"name", "surface", "unit", "aggregate"}};
const Shape kCorridorShape = {"kpi_name", {"kpi_name", "surface", "floor", "ceiling", "window_days", "require_data"}};
const Shape kObservationShape = {"observation_id", {"observation_id", "observed_at", "kpi_name", "surface", "value"}};
const Shape kKpiConfigShape = {"corridors", {"corridors", "definitions"}};

void copy_texts(Json& body, const Values& values, std::initializer_list<std::pair<const char*, const char*>> options) {
  for (const auto& [name, field] : options)
    if (auto value = values.find(name)) body[field] = *value;
}

int run_define(Session& session, const Values& values) {
  Json body = {{"name", values.text("NAME")}, {"aggregate", values.text("--aggregate")}};
  copy_texts(body, values, {{"--surface", "surface"}, {"--unit", "unit"}});
  session.print_answer(session.call({.method = "POST", .path = "/kpi/definitions", .body = std::move(body)}),
                       kDefinitionShape);
  return 0;
}

int run_corridor(Session& session, const Values& values) {
  Json body = {{"kpi_name", values.text("NAME")},
               {"surface", values.text("--surface")},
               {"require_data", values.given("--require-data")}};
  if (auto floor = values.find("--floor")) body["floor"] = number_of("--floor", *floor);
  if (auto ceiling = values.find("--ceiling")) body["ceiling"] = number_of("--ceiling", *ceiling);
  if (auto days = values.number("--window-days", 1, 90)) body["window_days"] = *days;
  session.print_answer(session.call({.method = "PUT", .path = "/kpi/corridors", .body = std::move(body)}),
                       kCorridorShape);
  return 0;
}

int run_observe(Session& session, const Values& values) {
  Json body = {{"kpi_name", values.text("NAME")}, {"value", number_of("VALUE", values.text("VALUE"))}};
  copy_texts(body, values, {{"--surface", "surface"}, {"--observed-at", "observed_at"}});
  session.print_answer(session.call({.method = "POST", .path = "/kpi/observations", .body = std::move(body)}),
                       kObservationShape);
  return 0;
}

std::function<int(Session&, const Values&)> list(const char* path, const Shape& shape) {
  return [path, &shape](Session& session, const Values& values) {
    return print_pages(session, values, {.path = path}, shape);
  };
}

int run_kpi_config(Session& session, const Values& values) {
  ApiRequest request = {.path = "/kpi/config"};
  if (auto surface = values.find("--surface")) request.query.emplace_back("surface", *surface);
  session.print_record(session.call(request).json, kKpiConfigShape);
  return 0;
}

constexpr const char* kKpiDescription = R"(
A KPI is a number that is observed again and again; its definition says how observations are combined. A corridor
bounds it for a surface, or for all surfaces together (`*`). The daemon refuses what lies outside its corridor.
Members observe; admins and owners configure.)";

std::vector<Command> setting_commands() {
  const Parameter name = argument("NAME", "the KPI");
  return {{.name = "define",
           .summary = "define a KPI, or replace its definition",
           .example = "nexusctl kpi define conversion --aggregate mean --unit percent",
           .parameters = {required_option("--aggregate", "HOW", "sum, mean or last"),
                          surface_option("the surface of observations that name none"),
                          option("--unit", "TEXT", "what it is counted in"), name},
           .run = run_define},
          {.name = "corridor",
           .summary = "set the bounds of a KPI for a surface",
           .description = "It replaces the whole corridor: a bound that is not given is lifted.",
           .example = "nexusctl kpi corridor conversion --surface cards --floor 1.5 --window-days 7",
           .parameters = {required_option("--surface", "SURFACE", "the surface; * is all of them together"),
                          option("--floor", "NUMBER", "a value below it refuses"),
                          option("--ceiling", "NUMBER", "a value above it refuses"), window_option(),
                          flag("--require-data", "refuse while nothing was observed"), name},
           .run = run_corridor},
          {.name = "observe",
           .summary = "record an observation",
           .example = "nexusctl kpi observe conversion 2.5 --surface cards",
           .parameters = {surface_option("the surface (that of the definition)"),
                          option("--observed-at", "TIME", "when, at most 24 h back (now)"), name,
                          argument("VALUE", "what was observed")},
           .run = run_observe}};
}

}  // namespace

Command kpi_command() {
  std::vector<Command> commands = setting_commands();
  commands.push_back({.name = "definitions",
                      .summary = "list the definitions",
                      .example = "nexusctl kpi definitions",
                      .parameters = list_parameters(),
                      .run = list("/kpi/definitions", kDefinitionShape)});
  commands.push_back({.name = "corridors",
                      .summary = "list the corridors",
                      .example = "nexusctl kpi corridors",
                      .parameters = list_parameters(),
                      .run = list("/kpi/corridors", kCorridorShape)});
  commands.push_back({.name = "observations",
                      .summary = "list observations, newest first",
                      .example = "nexusctl kpi observations --limit 10",
                      .parameters = list_parameters(),
                      .run = list("/kpi/observations", kObservationShape)});
  commands.push_back({.name = "config",
                      .summary = "show definitions and corridors at a glance",
                      .example = "nexusctl kpi config --surface cards -o json",
                      .parameters = {surface_option("what judges this surface (everything)")},
                      .run = run_kpi_config});
  return {.name = "kpi",
          .summary = "what is measured, and the corridors of surfaces",
          .description = kKpiDescription,
          .see_also = "nexusctl-budget(1), nexusctl-gate(1), nexusctl-temperature(1)",
          .example = "nexusctl kpi corridor conversion --surface cards --floor 1.5",
          .commands = std::move(commands)};
}

}  // namespace nexus::cli
