// The temperature document of a surface, its current state, snapshots of that, and their history.
//
// A PUT sets the maps that it names, each one whole, in one transaction. It leaves the others unchanged and makes a new
// version. Raising a floor, lowering a ceiling and adding either only tightens and is never gated; an unconfigured
// surface passes everywhere. `current` writes nothing.
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/gates/temperature.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/temperature/temperature.hpp"

namespace nexus::temperature {
namespace {

using gates::Bounds;
using gates::Numbers;
using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr std::size_t kMetricsMax = 64;

/// The maps of the document, under the kinds of their rows.
struct Map {
  const char* name;  // in requests and answers
  const char* kind;
  Numbers Bounds::*numbers;
};
constexpr Map kMaps[] = {{"performance_floors", "performance_floor", &Bounds::performance_floors},
                         {"cadence_floors", "cadence_floor", &Bounds::cadence_floors},
                         {"ceilings", "ceiling", &Bounds::ceilings},
                         {"weights", "weight", &Bounds::weights}};
enum Index : std::size_t { kPerformance, kCadence, kCeilings, kWeights };  // into kMaps

struct Change {
  std::string surface;
  std::optional<Numbers> maps[std::size(kMaps)];  // nothing: not named, and left unchanged
  std::optional<std::string> if_match;

  bool any() const {
    return std::ranges::any_of(maps, [](const auto& map) { return map.has_value(); });
  }
  bool sets(std::initializer_list<Index> which) const {
    return std::ranges::any_of(which, [&](Index index) { return maps[index].has_value(); });
  }
};

void take_map(http::Fields& fields, Index index, Change& change) {
  change.maps[index] = fields.optional_numbers(kMaps[index].name, kMetricsMax, {.min = 1, .max = 128});
}

Change parse_surface(Input& input) {
  Change change;
  change.surface = domain::take_surface(input.body, false);
  change.if_match = http::take_if_match(input);
  return change;
}

void take_floors(http::Fields& fields, Change& change) {
  for (const Index index : {kPerformance, kCadence}) take_map(fields, index, change);
}

Change parse_floors(Input& input) {
  Change change = parse_surface(input);
  take_floors(input.body, change);
  if (!change.any()) input.body.fault("performance_floors", "or cadence_floors is required");
  return change;
}

template <Index index>
Change parse_one(Input& input) {
  Change change = parse_surface(input);
  take_map(input.body, index, change);
  input.body.require(kMaps[index].name);
  return change;
}

/// The document as answers show it, each part optional.
Change parse_config(Input& input) {
  Change change = parse_surface(input);
  if (auto floors = input.body.optional_fields("floors")) {
    take_floors(*floors, change);
    floors->finish();
  }
  for (const Index index : {kCeilings, kWeights}) take_map(input.body, index, change);
  if (!change.any()) input.body.fault("floors", "or ceilings or weights is required");
  return change;
}

// ---- the document -------------------------------------------------------------------------------------------------

struct Document {
  Config config;
  Bounds bounds;
};

Document read_document(const store::Reader& reader, const Caller& caller, const std::string& surface) {
  const auto config = store::find_row<kConfig>(reader, caller.realm(), surface);
  const Realm realm = caller.realm();
  return {config.value_or(
              Config{.tenant_id = std::string(realm.tenant), .env = std::string(realm.env), .surface = surface}),
          gates::bounds_of(store::list_bounds(reader, realm, surface))};
}

std::string etag_of(const Document& document) { return "\"tc-" + std::to_string(document.config.version) + "\""; }

Json document_json(const Document& document) {
  const auto& [config, bounds] = document;
  Json out = model::json_of(kConfig, config), floors, ceilings, weights;
  if (config.floors_set)
    floors = {{"performance_floors", bounds.performance_floors}, {"cadence_floors", bounds.cadence_floors}};
  if (config.ceilings_set) ceilings = bounds.ceilings;
  if (config.weights_set) weights = bounds.weights;
  out["floors"] = std::move(floors);
  out["ceilings"] = std::move(ceilings);
  out["weights"] = std::move(weights);
  return out;
}

Json texts_of(const Numbers& numbers) {
  Json out = Json::object();
  for (const auto& [name, value] : numbers) out[name] = gates::decimal(value);
  return out;
}

/// The part of changed maps that the audit row keeps: decimals as texts.
Json facts_of(const Bounds& bounds, const Change& change) {
  Json facts = Json::object();
  for (std::size_t i = 0; i < std::size(kMaps); ++i)
    if (change.maps[i]) facts[kMaps[i].name] = texts_of(bounds.*kMaps[i].numbers);
  return facts;
}

// ---- write --------------------------------------------------------------------------------------------------------

Document changed(Document document, const Change& change) {
  for (std::size_t i = 0; i < std::size(kMaps); ++i)
    if (change.maps[i]) document.bounds.*kMaps[i].numbers = *change.maps[i];
  document.config.floors_set |= change.sets({kPerformance, kCadence});
  document.config.ceilings_set |= change.sets({kCeilings});
  document.config.weights_set |= change.sets({kWeights});
  return document;
}

Applied put(store::Tx& tx, const Caller& caller, const Change& change) {
  const Document before = read_document(tx, caller, change.surface);
  http::judge_if_match(change.if_match, etag_of(before));
  Document after = changed(before, change);
  after.config = domain::made_by(caller, after.config);
  ++after.config.version;
  store::put_row<kConfig>(tx, after.config);
  for (std::size_t i = 0; i < std::size(kMaps); ++i)
    if (change.maps[i]) store::replace_bounds(tx, caller.realm(), change.surface, kMaps[i].kind, *change.maps[i]);
  return {.json = document_json(after),
          .subject_type = "temperature_config",
          .subject_id = change.surface,
          .details = {{"before", facts_of(before.bounds, change)}, {"after", facts_of(after.bounds, change)}},
          .status = 200,
          .fields = {{"ETag", etag_of(after)}}};
}

/// The higher floor of each metric applies.
Numbers floors_of(const Bounds& bounds) {
  Numbers floors = bounds.performance_floors;
  for (const auto& [name, floor] : bounds.cadence_floors) {
    const auto [at, is_new] = floors.emplace(name, floor);
    if (!is_new) at->second = std::max(at->second, floor);
  }
  return floors;
}

/// Every earlier bound is still there, and is as strict or stricter.
bool holds_as_much(const Numbers& before, const Numbers& after, bool higher) {
  for (const auto& [name, value] : before) {
    const auto now = after.find(name);
    if (now == after.end() || (higher ? now->second < value : now->second > value)) return false;
  }
  return true;
}

bool only_tightens(const store::Reader& reader, const Caller& caller, const Change& change) {
  if (change.sets({kWeights})) return false;
  const Document before = read_document(reader, caller, change.surface);
  const Document after = changed(before, change);
  return holds_as_much(floors_of(before.bounds), floors_of(after.bounds), true) &&
         holds_as_much(before.bounds.ceilings, after.bounds.ceilings, false);
}

Reply show_config(const store::Reader& reader, const Caller& caller, const std::string& surface) {
  const Document document = read_document(reader, caller, surface);
  return {.json = document_json(document), .fields = {{"ETag", etag_of(document)}}};
}

// ---- schemas ------------------------------------------------------------------------------------------------------

Json numbers_schema() { return schema::numbers(kMetricsMax, 128); }

Json floors_schema() {
  return schema::named("TemperatureFloors", schema::object({}, {{"performance_floors", numbers_schema()},
                                                                {"cadence_floors", numbers_schema()}}));
}

/// The surface, and at least one map.
Json with_any(Json request) {
  request["minProperties"] = 2;
  return request;
}

Json document_schema() {
  return schema::with(model::answer_schema(kConfig), {{"floors", schema::nullable(floors_schema())},
                                                      {"ceilings", schema::nullable(numbers_schema())},
                                                      {"weights", schema::nullable(numbers_schema())}});
}

void add_put(http::RouteTable& routes, const http::Surface& surface, const char* path, Change (*parse)(Input&),
             const char* summary, Json request) {
  request["properties"]["surface"] = domain::surface_schema(false);
  request["required"].push_back("surface");
  routes.add(surface.put(
      path, "temperature_config_update", domain::configures(parse, put, only_tightens),
      {.summary = summary, .request = std::move(request), .response = document_schema(), .refusals = {412}}));
}

// ---- the state of a surface ---------------------------------------------------------------------------------------

constexpr const char* kOfSnapshots[] = {"snapshot_id", "created_at", "created_by"};  // in addition to a state

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
  Json state = model::json_of(kSnapshot, look(reader, caller, asked));
  for (const char* name : kOfSnapshots) state.erase(name);
  return {.json = std::move(state)};
}

Applied record(store::Tx& tx, const Caller& caller, const Snapshot& asked) {
  Snapshot snapshot = look(tx, caller, asked);
  snapshot.snapshot_id = new_id(caller.tenant());
  store::insert_row<kSnapshot>(tx, snapshot);
  return {.json = model::json_of(kSnapshot, snapshot),
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
  return {.json = http::page_json<Snapshot>(request.page, rows, http::row_json<kSnapshot>, store::id_of<kSnapshot>)};
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

void add_config_routes(http::RouteTable& routes, const http::Surface& surface) {
  Json some_floors = schema::named("TemperatureFloorsSent", floors_schema());
  some_floors["minProperties"] = 1;
  add_put(routes, surface, "/temperature/floors", parse_floors, "Replace the floors of a surface that are named",
          with_any(schema::named("TemperatureFloorsSet", floors_schema())));
  add_put(routes, surface, "/temperature/ceilings", parse_one<kCeilings>, "Replace the ceilings of a surface",
          schema::named("TemperatureCeilingsSet", schema::whole({{"ceilings", numbers_schema()}})));
  add_put(routes, surface, "/temperature/weights", parse_one<kWeights>, "Replace the weights of a surface",
          schema::named("TemperatureWeightsSet", schema::whole({{"weights", numbers_schema()}})));
  add_put(routes, surface, "/temperature/config", parse_config,
          "Replace what is named of floors, ceilings and weights, and leave the rest",
          with_any(schema::named("TemperatureConfigSet", schema::object({}, {{"floors", some_floors},
                                                                             {"ceilings", numbers_schema()},
                                                                             {"weights", numbers_schema()}}))));
  routes.add(
      surface.get("/temperature/config",
                  http::reads([](Input& input) { return domain::take_surface(input.query, false); }, show_config),
                  {.summary = "Show floors, ceilings and weights of a surface",
                   .response = document_schema(),
                   .query = {domain::surface_parameter(false)}}));
}

void add_state_routes(http::RouteTable& routes, const http::Surface& surface) {
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

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("temperature", "Floors, ceilings, weights, and how a surface stands");
  const http::Surface surface = domain::configuring("temperature", "temperature_read");
  add_config_routes(routes, surface);
  add_state_routes(routes, surface);
}

}  // namespace nexus::temperature
