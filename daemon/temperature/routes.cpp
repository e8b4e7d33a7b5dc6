// The current state of a surface, snapshots of it, and their history. `current` writes nothing.
#include "daemon/temperature/routes.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/gates/decimal.hpp"
#include "daemon/gates/temperature.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"
#include "daemon/temperature/temperature.hpp"

namespace nexus::temperature {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr const char* kOfSnapshots[] = {"snapshot_id", "created_at", "created_by"};  // in addition to a state

Json snapshot_json(const Snapshot& snapshot) { return model::json_of(kSnapshot, snapshot); }

Snapshot take_asked(http::Fields& fields) { return model::take_new(kSnapshot, fields).value; }

/// The current state of the surface, as a snapshot that is not written.
Snapshot look(const store::Reader& reader, const Caller& caller, const Snapshot& asked) {
  Snapshot snapshot = domain::made_by(caller, asked);
  const auto hours = store::window_hours(snapshot.created_at, static_cast<int>(asked.window_days));
  const gates::Known known(reader, caller.realm(), asked.surface);
  const auto& rows = known.temperature_bounds();
  const auto metrics = gates::read_metrics(known, asked.surface, rows, hours);
  const auto temperature = gates::measure(gates::bounds_of(rows), metrics);
  snapshot.value = temperature.value;
  snapshot.floors_breached = temperature.floors_breached;
  snapshot.ceilings_breached = temperature.ceilings_breached;
  snapshot.raw_metrics = to_text(Json(metrics));
  snapshot.window_start = store::window_start(hours);
  snapshot.window_end = snapshot.created_at;
  return snapshot;
}

Reply show_current(const store::Reader& reader, const Caller& caller, const Snapshot& asked) {
  Json state = snapshot_json(look(reader, caller, asked));
  for (const char* name : kOfSnapshots) state.erase(name);
  return {.json = std::move(state)};
}

Applied record(store::Tx& tx, const Caller& caller, const Snapshot& asked) {
  Snapshot snapshot = look(tx, caller, asked);
  snapshot.snapshot_id = new_id(caller.tenant());
  store::insert_row<kSnapshot>(tx, snapshot);
  return {.json = snapshot_json(snapshot),
          .subject_type = "temperature_snapshot",
          .subject_id = snapshot.snapshot_id,
          .details = {{"surface", snapshot.surface}, {"value", gates::decimal(snapshot.value)}}};
}

struct HistoryRequest {
  std::string surface;
  http::Page page;
};

HistoryRequest parse_history(Input& input) {
  HistoryRequest request;
  request.surface = domain::take_surface(input.query, false);
  request.page = http::take_page(input, "temperature_history\n" + request.surface);
  return request;
}

Reply list_history(const store::Reader& reader, const Caller& caller, const HistoryRequest& request) {
  const auto rows = store::list_newest_of<kSnapshot, &Snapshot::surface>(reader, caller.realm(), request.surface,
                                                                         request.page.mark, request.page.limit + 1);
  return {.json = http::page_json<Snapshot>(request.page, rows, snapshot_json, store::id_of<kSnapshot>)};
}

Json snapshot_schema() {
  Json out = model::answer_schema(kSnapshot);
  out["properties"]["raw_metrics"]["additionalProperties"] = schema::number();
  return out;
}

Json state_schema() {
  Json out = schema::named("TemperatureState", snapshot_schema());
  for (const char* name : kOfSnapshots) {
    out["properties"].erase(name);
    std::erase(out["required"].get_ref<Json::array_t&>(), name);
  }
  return out;
}

}  // namespace

void add_temperature_routes(http::RouteTable& routes) {
  const http::Surface surface = domain::configuring("temperature", "temperature_read");
  routes.add(surface.get("/temperature/current",
                         http::reads([](Input& input) { return take_asked(input.query); }, show_current),
                         {.summary = "How a surface stands now",
                          .response = state_schema(),
                          .query = {domain::surface_parameter(false), domain::window_days_parameter()}}));
  routes.add(surface.list("/temperature/history", http::reads(parse_history, list_history),
                          {.summary = "List snapshots of a surface, newest first",
                           .response = snapshot_schema(),
                           .query = {domain::surface_parameter(false)}}));
  Json asked = model::create_schema(kSnapshot);
  asked["properties"]["window_days"]["default"] = Snapshot{}.window_days;
  const http::Surface recording{.name = "temperature", .policy = gates::Policy::telemetry};
  routes.add(recording.create(
      "/temperature/snapshots", "temperature_snapshot",
      http::writes([](Input& input) { return take_asked(input.body); }, record),
      {.summary = "Record how a surface stands", .request = std::move(asked), .response = snapshot_schema()}));
}

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("temperature", "Floors, ceilings, weights, and how a surface stands");
  add_temperature_config_routes(routes);
  add_temperature_routes(routes);
}

}  // namespace nexus::temperature
