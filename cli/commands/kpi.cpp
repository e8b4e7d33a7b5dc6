// nexusctl kpi: what is measured, the corridors that surfaces are held to, and observations.
#include "daemon/kpi/kpi.hpp"
#include "cli/commands/measures.hpp"
#include "cli/engine/command.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/model_options.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {
namespace {

const Shape kDefinitionShape = {"name", {"name", "surface", "unit", "aggregate"}};
const Shape kCorridorShape = {"kpi_name", {"kpi_name", "surface", "floor", "ceiling", "window_days", "require_data"}};
const Shape kObservationShape = {"observation_id", {"observation_id", "observed_at", "kpi_name", "surface", "value"}};
const Shape kKpiConfigShape = {"corridors", {"corridors", "definitions"}};

constexpr auto kDefinitionFields = kpi::kDefinition.specs();
constexpr auto kCorridorFields = kpi::kCorridor.specs();
constexpr auto kObservationFields = kpi::kObservation.specs();

int run_define(Session& session, const Values& values) {
  Json body = body_of(values, kDefinitionFields, Options::create, {"name"});
  body["name"] = values.text("NAME");
  session.print_answer(session.call({.method = "POST", .path = "/kpi/definitions", .body = std::move(body)}),
                       kDefinitionShape);
  return 0;
}

int run_corridor(Session& session, const Values& values) {
  Json body = body_of(values, kCorridorFields, Options::create, {"kpi_name"});
  body["kpi_name"] = values.text("NAME");
  session.print_answer(session.call({.method = "PUT", .path = "/kpi/corridors", .body = std::move(body)}),
                       kCorridorShape);
  return 0;
}

int run_observe(Session& session, const Values& values) {
  Json body = body_of(values, kObservationFields, Options::create, {"kpi_name", "value"});
  body["kpi_name"] = values.text("NAME");
  body["value"] = number_of("VALUE", values.text("VALUE"));
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

/// The fields as options, and the arguments that the command takes.
std::vector<Parameter> with_fields(std::span<const model::Spec> fields, std::initializer_list<Taken> except,
                                   std::initializer_list<Parameter> more) {
  auto all = options_of(fields, Options::create, except);
  all.insert(all.end(), more);
  return all;
}

std::vector<Command> setting_commands() {
  const Parameter name = argument("NAME", "the KPI");
  return {{.name = "define",
           .summary = "define a KPI, or replace its definition",
           .example = "nexusctl kpi define conversion --aggregate mean --unit percent",
           .parameters = with_fields(kDefinitionFields, {"name"}, {name}),
           .run = run_define},
          {.name = "corridor",
           .summary = "set the bounds of a KPI for a surface",
           .description = "It replaces the whole corridor: a bound that is not given is lifted.",
           .example = "nexusctl kpi corridor conversion --surface cards --floor 1.5 --window-days 7",
           .parameters = with_fields(kCorridorFields, {"kpi_name"}, {name}),
           .run = run_corridor},
          {.name = "observe",
           .summary = "record an observation",
           .example = "nexusctl kpi observe conversion 2.5 --surface cards",
           .parameters =
               with_fields(kObservationFields, {"kpi_name", "value"}, {name, argument("VALUE", "what was observed")}),
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
          .topic = Topic::measure,
          .summary = "what is measured, and the corridors of surfaces",
          .description = kKpiDescription,
          .see_also = "nexusctl-budget(1), nexusctl-gate(1), nexusctl-temperature(1)",
          .example = "nexusctl kpi corridor conversion --surface cards --floor 1.5",
          .commands = std::move(commands)};
}

}  // namespace nexus::cli
