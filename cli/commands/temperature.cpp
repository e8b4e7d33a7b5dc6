// nexusctl temperature: floors, ceilings and weights of a surface, its current state, and its history, also as a plot.
#include <algorithm>

#include "cli/commands/measures.hpp"
#include "cli/engine/columns.hpp"
#include "cli/engine/escape.hpp"
#include "cli/engine/model_options.hpp"
#include "daemon/temperature/temperature.hpp"

namespace nexus::cli {
namespace {

const Shape kTemperatureConfigShape = {"surface", {"surface", "floors", "ceilings", "weights"}};
const Shape kStateShape = {"surface",
                           {"surface", "value", "floors_breached", "ceilings_breached", "window_start", "window_end"}};
const Shape kSnapshotShape = {"snapshot_id",
                              {"snapshot_id", "created_at", "value", "floors_breached", "ceilings_breached"}};
constexpr std::size_t kPlotWidth = 50;       // of the bars
constexpr std::size_t kPlotWidthLeast = 10;  // a shorter bar shows nothing

/// The kinds that become empty.
std::vector<std::string> cleared_of(const Values& values) {
  auto kinds = values.list("--clear");
  for (const auto& kind : kinds)
    if (kind != "floors" && kind != "ceilings" && kind != "weights")
      throw usage_error("--clear wants floors, ceilings or weights");
  return kinds;
}

/// Sets `map` in `object` when its option was given or its kind is cleared.
void take_map(Json& object, const char* map, const char* option, bool cleared, const Values& values) {
  if (values.given(option) || cleared) object[map] = numbers_of(option, values.list(option));
}

/// One request, so that all of it is done or nothing. A map that is named is replaced whole; the others stay.
Json bounds_of(const Values& values) {
  const auto kinds = cleared_of(values);
  const auto cleared = [&](const char* kind) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); };
  Json floors = Json::object(), body = Json::object();
  take_map(floors, "performance_floors", "--performance-floor", cleared("floors"), values);
  take_map(floors, "cadence_floors", "--cadence-floor", cleared("floors"), values);
  if (!floors.empty()) body["floors"] = std::move(floors);
  take_map(body, "ceilings", "--ceiling", cleared("ceilings"), values);
  take_map(body, "weights", "--weight", cleared("weights"), values);
  if (body.empty()) throw usage_error("give at least one floor, ceiling or weight, or --clear");
  body["surface"] = values.text("SURFACE");
  return body;
}

bool breached(const Json& snapshot, const char* field) {
  const Json& found = value_at(snapshot, field);
  return found.is_array() && !found.empty();
}

/// Shows the newest page as bars, oldest first.
int print_plot(Session& session, const ApiRequest& request) {
  const Json document = session.call(request).json;
  std::vector<PlotPoint> points;
  for (const auto& item : value_at(document, "items")) {
    const Json& value = value_at(item, "value");
    points.push_back({escape_controls(cell_at(item, "created_at")), value.is_number() ? value.get<double>() : 0,
                      breached(item, "floors_breached") || breached(item, "ceilings_breached")});
  }
  std::reverse(points.begin(), points.end());
  if (points.empty()) session.note("there is no snapshot yet: nexusctl temperature snapshot");
  const std::string whole = plot(points, kPlotWidth);
  const std::size_t width = session.view().width, needed = widest_line(whole);
  const std::size_t over = width == 0 || needed <= width ? 0 : std::min(needed - width, kPlotWidth - kPlotWidthLeast);
  session.print(over == 0 ? whole : plot(points, kPlotWidth - over));
  return 0;
}

int run_temperature_history(Session& session, const Values& values) {
  ApiRequest request = request_of({.path = "/temperature/history"}, session, values, {"SURFACE"});
  if (!values.given("--plot")) return print_pages(session, values, request, kSnapshotShape);
  request.query.emplace_back("limit", std::to_string(values.number("--limit", 1, 200).value_or(50)));
  if (auto cursor = values.find("--cursor")) request.query.emplace_back("cursor", *cursor);
  return print_plot(session, request);
}

int run_current(Session& session, const Values& values) {
  window_days_of(values);
  return shows({.path = "/temperature/current"}, kStateShape, {"SURFACE", "--window-days"})(session, values);
}

constexpr const char* kTemperatureDescription = R"(
The temperature of a surface is the weighted mean of its metrics. A metric is the KPI of that name, or else the sum of
the number of that name in the metadata of usage; without data it is 0. The daemon refuses a surface that has a metric
below its floor or above its ceiling in the last 7 days. Members record snapshots; admins and owners configure.)";

constexpr const char* kTemperatureSetDescription = R"(
It replaces what is named as a whole, all in one change or not at all; the rest stays. Floors of performance and of
cadence are separate: naming one kind leaves the other.)";

}  // namespace

Command temperature_command() {
  const Parameter surface = argument("SURFACE", "the surface");
  return {
      .name = "temperature",
      .topic = Topic::measure,
      .summary = "how hot a surface runs: floors, ceilings, weights, history",
      .description = kTemperatureDescription,
      .see_also = "nexusctl-budget(1), nexusctl-gate(1), nexusctl-kpi(1)",
      .example = "nexusctl temperature current cards",
      .commands = {
          {.name = "config",
           .summary = "show floors, ceilings and weights",
           .example = "nexusctl temperature config cards -o json",
           .parameters = {surface},
           .run = shows({.path = "/temperature/config"}, kTemperatureConfigShape, {"SURFACE"})},
          {.name = "set",
           .summary = "replace floors, ceilings or weights",
           .description = kTemperatureSetDescription,
           .example =
               "nexusctl temperature set cards --performance-floor views=100 --ceiling errors=5 --weight views=1",
           .parameters = {repeated_option("--performance-floor", "NAME=NUMBER", "a metric below it refuses"),
                          repeated_option("--cadence-floor", "NAME=NUMBER", "the same, for how often things happen"),
                          repeated_option("--ceiling", "NAME=NUMBER", "a metric above it refuses"),
                          repeated_option("--weight", "NAME=NUMBER", "its share of the value"),
                          one_of({"floors", "ceilings", "weights"},
                                 repeated_option("--clear", "KIND", "floors, ceilings or weights become empty")),
                          surface},
           .run = sends({.method = "PUT", .path = "/temperature/config"}, kTemperatureConfigShape, bounds_of)},
          {.name = "current",
           .summary = "show how the surface stands; writes nothing",
           .example = "nexusctl temperature current cards --window-days 1",
           .parameters = {window_option(), surface},
           .run = run_current},
          creates({.name = "snapshot",
                   .summary = "record how the surface stands",
                   .example = "nexusctl temperature snapshot cards"},
                  model::specs_of<temperature::kSnapshot>, {.method = "POST", .path = "/temperature/snapshots"},
                  kSnapshotShape, {{"surface", "SURFACE"}}, {surface}),
          {.name = "history",
           .summary = "list snapshots, newest first, or draw them",
           .example = "nexusctl temperature history cards --plot",
           .parameters =
               list_parameters({flag("--plot", "draw a page of them, oldest first; ! is out of bounds"), surface}),
           .run = run_temperature_history},
      }};
}

}  // namespace nexus::cli
