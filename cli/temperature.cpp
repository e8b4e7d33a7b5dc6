// nexusctl temperature: floors, ceilings and weights of a surface, how it stands, and its history, also as a plot.
#include <algorithm>

#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/failure.hpp"
#include "cli/listing.hpp"
#include "cli/measures.hpp"
#include "cli/plot.hpp"

namespace nexus::cli {
namespace {

const Shape kConfigShape = {"surface", {"surface", "floors", "ceilings", "weights"}};
const Shape kStateShape = {"surface",
                           {"surface", "value", "floors_breached", "ceilings_breached", "window_start", "window_end"}};
const Shape kSnapshotShape = {"snapshot_id",
                              {"snapshot_id", "created_at", "value", "floors_breached", "ceilings_breached"}};
constexpr std::size_t kPlotWidth = 50;

int run_config(Session& session, const Values& values) {
  session.print_record(
      session.call({.path = "/temperature/config", .query = {{"surface", values.text("SURFACE")}}}).json, kConfigShape);
  return 0;
}

/// Each kind that was given replaces its map whole; `--clear` names kinds that become empty.
int run_set(Session& session, const Values& values) {
  const auto cleared = values.list("--clear");
  for (const auto& kind : cleared)
    if (kind != "floors" && kind != "ceilings" && kind != "weights")
      throw usage_error("--clear wants floors, ceilings or weights");
  const auto wanted = [&](const char* kind, std::initializer_list<const char*> options) {
    return std::any_of(options.begin(), options.end(), [&](const char* name) { return values.given(name); }) ||
           std::find(cleared.begin(), cleared.end(), kind) != cleared.end();
  };
  const auto numbers = [&](const char* name) { return numbers_of(name, values.list(name)); };
  std::vector<std::pair<std::string, Json>> puts;
  if (wanted("floors", {"--performance-floor", "--cadence-floor"}))
    puts.push_back(
        {"floors",
         {{"performance_floors", numbers("--performance-floor")}, {"cadence_floors", numbers("--cadence-floor")}}});
  if (wanted("ceilings", {"--ceiling"})) puts.push_back({"ceilings", {{"ceilings", numbers("--ceiling")}}});
  if (wanted("weights", {"--weight"})) puts.push_back({"weights", {{"weights", numbers("--weight")}}});
  if (puts.empty()) throw usage_error("give at least one floor, ceiling or weight, or --clear");
  Answer last;
  for (auto& [kind, body] : puts) {
    body["surface"] = values.text("SURFACE");
    last = session.call({.method = "PUT", .path = "/temperature/" + kind, .body = body});
  }
  session.print_answer(last, kConfigShape);
  return 0;
}

int run_current(Session& session, const Values& values) {
  ApiRequest request = {.path = "/temperature/current", .query = {{"surface", values.text("SURFACE")}}};
  if (auto days = values.number("--window-days", 1, 90))
    request.query.emplace_back("window_days", std::to_string(*days));
  session.print_record(session.call(request).json, kStateShape);
  return 0;
}

int run_snapshot(Session& session, const Values& values) {
  Json body = {{"surface", values.text("SURFACE")}};
  if (auto days = values.number("--window-days", 1, 90)) body["window_days"] = *days;
  session.print_answer(session.call({.method = "POST", .path = "/temperature/snapshots", .body = std::move(body)}),
                       kSnapshotShape);
  return 0;
}

bool breached(const Json& snapshot, const char* field) {
  const Json* found = at_path(snapshot, field);
  return found && found->is_array() && !found->empty();
}

/// The newest page as bars, oldest first, as time is read.
int print_plot(Session& session, const ApiRequest& request) {
  const Json document = session.call(request).json;
  std::vector<PlotPoint> points;
  const Json* items = at_path(document, "items");
  for (const auto& item : items ? *items : Json::array()) {
    const Json* at = at_path(item, "created_at");
    const Json* value = at_path(item, "value");
    points.push_back({at ? escape_controls(cell_text(*at)) : "", value && value->is_number() ? value->get<double>() : 0,
                      breached(item, "floors_breached") || breached(item, "ceilings_breached")});
  }
  std::reverse(points.begin(), points.end());
  if (points.empty()) session.note("there is no snapshot yet: nexusctl temperature snapshot");
  session.print(plot(points, kPlotWidth));
  return 0;
}

int run_history(Session& session, const Values& values) {
  ApiRequest request = {.path = "/temperature/history", .query = {{"surface", values.text("SURFACE")}}};
  if (!values.given("--plot")) return print_pages(session, values, request, kSnapshotShape);
  request.query.emplace_back("limit", std::to_string(values.number("--limit", 1, 200).value_or(50)));
  if (auto cursor = values.find("--cursor")) request.query.emplace_back("cursor", *cursor);
  return print_plot(session, request);
}

Command set_command(const Parameter& surface) {
  return {.name = "set",
          .summary = "replace floors, ceilings or weights",
          .example = "nexusctl temperature set cards --performance-floor views=100 --ceiling errors=5 --weight views=1",
          .parameters = {repeated_option("--performance-floor", "NAME=NUMBER", "a metric below it refuses"),
                         repeated_option("--cadence-floor", "NAME=NUMBER", "the same, for how often things happen"),
                         repeated_option("--ceiling", "NAME=NUMBER", "a metric above it refuses"),
                         repeated_option("--weight", "NAME=NUMBER", "its share of the value"),
                         repeated_option("--clear", "KIND", "floors, ceilings or weights become empty"), surface},
          .run = run_set};
}

}  // namespace

Command temperature_command() {
  const Parameter surface = argument("SURFACE", "the surface");
  return {.name = "temperature",
          .summary = "how hot a surface runs: floors, ceilings, weights, history",
          .example = "nexusctl temperature current cards",
          .commands =
              {
                  {.name = "config",
                   .summary = "show floors, ceilings and weights",
                   .example = "nexusctl temperature config cards -o json",
                   .parameters = {surface},
                   .run = run_config},
                  set_command(surface),
                  {.name = "current",
                   .summary = "show how the surface stands; writes nothing",
                   .example = "nexusctl temperature current cards --window-days 1",
                   .parameters = {window_option(), surface},
                   .run = run_current},
                  {.name = "snapshot",
                   .summary = "record how the surface stands",
                   .example = "nexusctl temperature snapshot cards",
                   .parameters = {window_option(), surface},
                   .run = run_snapshot},
                  {.name = "history",
                   .summary = "list snapshots, newest first, or draw them",
                   .example = "nexusctl temperature history cards --plot",
                   .parameters = list_parameters(
                       {flag("--plot", "draw a page of them, oldest first; ! is out of bounds"), surface}),
                   .run = run_history},
              },
          .notes = "Each kind that set names is replaced whole; the others stay."};
}

}  // namespace nexus::cli
