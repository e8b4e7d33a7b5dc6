// nexusctl kpi: definitions, the corridors of surfaces, and observations.
#include "daemon/kpi/kpi.hpp"
#include "cli/commands/measures.hpp"
#include "cli/engine/model_options.hpp"
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kDefinitionShape = {"name", {"name", "surface", "unit", "aggregate"}};
const Shape kCorridorShape = {"kpi_name", {"kpi_name", "surface", "floor", "ceiling", "window_days", "require_data"}};
const Shape kObservationShape = {"observation_id",
                                 {"observation_id", "observed_at", "kpi_name", "surface", "value", "voided_at"}};
const Shape kKpiConfigShape = {"corridors",
                               {"corridors", "definitions"},
                               {{"corridors", kCorridorShape.columns}, {"definitions", kDefinitionShape.columns}}};

constexpr const char* kKpiDescription = R"(
A KPI is a number that is observed again and again; its definition says how observations are combined. A corridor
bounds it for a surface, or for all surfaces together (`*`). The daemon refuses what lies outside its corridor.
Members observe; admins and owners configure.)";

}  // namespace

Command kpi_command() {
  const Parameter name = argument("NAME", "the KPI");
  return {.name = "kpi",
          .topic = Topic::measure,
          .summary = "what is measured, and the corridors of surfaces",
          .description = kKpiDescription,
          .see_also = "nexusctl-budget(1), nexusctl-gate(1), nexusctl-temperature(1)",
          .example = "nexusctl kpi corridor conversion --surface cards --floor 1.5",
          .commands = {
              creates({.name = "define",
                       .summary = "define a KPI, or replace its definition",
                       .example = "nexusctl kpi define conversion --aggregate mean --unit percent"},
                      model::specs_of<kpi::kDefinition>, {.method = "POST", .path = "/kpi/definitions"},
                      kDefinitionShape, {{"name", "NAME"}}, {name}),
              creates({.name = "corridor",
                       .summary = "set the bounds of a KPI for a surface",
                       .description = "It replaces the whole corridor: a bound that is not given is lifted.",
                       .example = "nexusctl kpi corridor conversion --surface cards --floor 1.5 --window-days 7"},
                      model::specs_of<kpi::kCorridor>, {.method = "PUT", .path = "/kpi/corridors"}, kCorridorShape,
                      {{"kpi_name", "NAME"}}, {name}),
              {.name = "remove",
               .summary = "remove the corridor of a KPI for a surface, or for all together",
               .description = "In a strict env (staging and prod, unless told otherwise) a surface without any "
                              "corridor is refused.",
               .example = "nexusctl kpi remove conversion --surface cards",
               .parameters = {required_option("--surface", "SURFACE", "the surface; * is that of all together"), name},
               .run = deletes({.path = "/kpi/corridors/{NAME}/{--surface}"}, {"NAME", "kpi_name"})},
              creates({.name = "observe",
                       .summary = "record an observation",
                       .example = "nexusctl kpi observe conversion 2.5 --surface cards"},
                      model::specs_of<kpi::kObservation>, {.method = "POST", .path = "/kpi/observations"},
                      kObservationShape, {{"kpi_name", "NAME"}, {"value", "VALUE"}},
                      {name, argument("VALUE", "what was observed")}),
              {.name = "void",
               .summary = "void an observation that was a mistake",
               .description = "It counts no more, in no window; its row stays. Admins void, agents never. --reason is "
                              "required; the log keeps it.",
               .example = "nexusctl kpi void OBSERVATION_ID --reason TEXT",
               .parameters = {argument("OBSERVATION_ID", "the observation's id")},
               .run = sends_reason("kpi void", "OBSERVATION_ID",
                                   {.method = "POST", .path = "/kpi/observations/{OBSERVATION_ID}/void"},
                                   kObservationShape)},
              list_command("definitions", "list the definitions", "nexusctl kpi definitions",
                           {.path = "/kpi/definitions"}, kDefinitionShape),
              list_command("corridors", "list the corridors", "nexusctl kpi corridors", {.path = "/kpi/corridors"},
                           kCorridorShape),
              list_command("observations", "list observations, newest first", "nexusctl kpi observations --limit 10",
                           {.path = "/kpi/observations"}, kObservationShape),
              {.name = "config",
               .summary = "show definitions and corridors at a glance",
               .example = "nexusctl kpi config --surface cards -o json",
               .parameters = {surface_option("what judges this surface (everything)")},
               .run = shows({.path = "/kpi/config"}, kKpiConfigShape, {"--surface"})},
          }};
}

}  // namespace nexus::cli
