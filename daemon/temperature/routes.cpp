// How a surface stands now, snapshots of it, and their history. `current` writes nothing.
#include "daemon/temperature/routes.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/gates/decimal.hpp"
#include "daemon/gates/temperature.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::temperature {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::TemperatureSnapshot;
namespace schema = http::schema;

struct Wish {
  std::string surface;
  int window_days = domain::kWindowDaysDefault;
};

Wish parse_wish(http::Fields& fields) {
  Wish wish;
  wish.surface = domain::take_surface(fields, false);
  wish.window_days = domain::take_window_days(fields);
  return wish;
}

/// The surface as it stands, as a snapshot that is not written.
TemperatureSnapshot look(const store::Reader& reader, const Caller& caller, const Wish& wish) {
  const Micros now = now_micros();
  TemperatureSnapshot snapshot;
  snapshot.tenant_id = caller.tenant().str();
  snapshot.env = to_string(caller.env());
  snapshot.surface = wish.surface;
  const auto hours = store::window_hours(now, wish.window_days);
  const gates::Known known(reader, {.tenant = snapshot.tenant_id, .env = snapshot.env}, wish.surface);
  const auto& rows = known.temperature_bounds();
  const auto metrics = gates::read_metrics(known, wish.surface, rows, hours);
  const auto temperature = gates::measure(gates::bounds_of(rows), metrics);
  snapshot.value = temperature.value;
  snapshot.floors_breached = to_text(temperature.floors_breached);
  snapshot.ceilings_breached = to_text(temperature.ceilings_breached);
  snapshot.raw_metrics = to_text(Json(metrics));
  snapshot.window_start = store::window_start(hours);
  snapshot.window_end = now;
  return snapshot;
}

Json state_json(const TemperatureSnapshot& snapshot) {
  return {{"tenant_id", snapshot.tenant_id},
          {"env", snapshot.env},
          {"surface", snapshot.surface},
          {"value", snapshot.value},
          {"floors_breached", parse_own_json(snapshot.floors_breached)},
          {"ceilings_breached", parse_own_json(snapshot.ceilings_breached)},
          {"raw_metrics", parse_own_json(snapshot.raw_metrics)},
          {"window_start", to_rfc3339(snapshot.window_start)},
          {"window_end", to_rfc3339(snapshot.window_end)}};
}

Json snapshot_json(const TemperatureSnapshot& snapshot) {
  Json json = state_json(snapshot);
  json["snapshot_id"] = snapshot.snapshot_id;
  json["created_at"] = to_rfc3339(snapshot.created_at);
  json["created_by"] = snapshot.created_by;
  return json;
}

Reply show_current(const store::Reader& reader, const Caller& caller, const Wish& wish) {
  return {.json = state_json(look(reader, caller, wish))};
}

Applied record(store::Tx& tx, const Caller& caller, const Wish& wish) {
  TemperatureSnapshot snapshot = look(tx, caller, wish);
  snapshot.snapshot_id = new_id(caller.tenant());
  snapshot.created_at = snapshot.window_end;
  snapshot.created_by = caller.user_id;
  store::insert_snapshot(tx, snapshot);
  return {.json = snapshot_json(snapshot),
          .subject_type = "temperature_snapshot",
          .subject_id = snapshot.snapshot_id,
          .details = {{"surface", snapshot.surface}, {"value", gates::decimal(snapshot.value)}},
          .status = 201};
}

struct HistoryWish {
  std::string surface;
  http::Page page;
};

HistoryWish parse_history(Input& input) {
  HistoryWish wish;
  wish.surface = domain::take_surface(input.query, false);
  wish.page = http::take_page(input, "temperature_history\n" + wish.surface);
  return wish;
}

Reply list_history(const store::Reader& reader, const Caller& caller, const HistoryWish& wish) {
  return {.json = http::page_json<TemperatureSnapshot>(
              wish.page,
              store::list_snapshots(reader, caller.realm(), wish.surface, wish.page.mark, wish.page.limit + 1),
              snapshot_json, [](const TemperatureSnapshot& row) { return row.snapshot_id; })};
}

Json state_schema() {
  const Json number = {{"type", "number"}};
  return schema::named(
      "TemperatureState",
      domain::with_context_schema(
          schema::object({"value", "floors_breached", "ceilings_breached", "raw_metrics", "window_start", "window_end"},
                         {{"surface", schema::text()},
                          {"value", number},
                          {"floors_breached", schema::list(schema::text())},
                          {"ceilings_breached", schema::list(schema::text())},
                          {"raw_metrics", {{"type", "object"}, {"additionalProperties", number}}},
                          {"window_start", schema::time()},
                          {"window_end", schema::time()}})));
}

Json snapshot_schema() {
  Json out = schema::named("TemperatureSnapshot", state_schema());
  out["properties"]["snapshot_id"] = schema::text();
  out["properties"]["created_at"] = schema::time();
  out["properties"]["created_by"] = schema::text();
  return out;
}

}  // namespace

void add_temperature_routes(http::RouteTable& routes) {
  routes.add(domain::measure_route("/temperature/current", "temperature_read",
                                   http::reads([](Input& input) { return parse_wish(input.query); }, show_current),
                                   {"How a surface stands now",
                                    "temperature",
                                    {},
                                    state_schema(),
                                    200,
                                    {domain::surface_parameter(false), domain::window_days_parameter()},
                                    {}}));
  auto parameters = http::page_parameters();
  parameters.insert(parameters.begin(), domain::surface_parameter(false));
  routes.add(domain::measure_route("/temperature/history", "temperature_read", http::reads(parse_history, list_history),
                                   {"List snapshots of a surface, newest first",
                                    "temperature",
                                    {},
                                    schema::page(snapshot_schema()),
                                    200,
                                    std::move(parameters),
                                    {}}));
  routes.add(domain::telemetry_route(
      "/temperature/snapshots", "temperature_snapshot", "temperature",
      http::writes([](Input& input) { return parse_wish(input.body); }, record),
      {"Record how a surface stands",
       "temperature",
       schema::named("TemperatureSnapshotCreate",
                     schema::object({"surface"}, {{"surface", domain::surface_schema(false)},
                                                  {"window_days", domain::window_days_schema()}})),
       snapshot_schema(),
       201,
       {},
       {}}));
}

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("temperature", "Floors, ceilings, weights, and how a surface stands");
  add_temperature_config_routes(routes);
  add_temperature_routes(routes);
}

}  // namespace nexus::temperature
