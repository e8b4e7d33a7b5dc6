// The temperature document of a surface: each PUT replaces one of its maps whole and makes a new version. Raising a
// floor, lowering a ceiling and adding either only tightens and is never gated; nothing configured lets pass
// everywhere.
#include "daemon/control/if_match.hpp"
#include "daemon/control/measures.hpp"
#include "daemon/control/temperature.hpp"
#include "daemon/gates/decimal.hpp"
#include "daemon/gates/temperature.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::control {
namespace {

using gates::Bounds;
using gates::Numbers;
using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr std::size_t kMetricsMax = 64;

enum class Part { floors, ceilings, weights };

struct Change {
  Part part = Part::floors;
  std::string surface;
  Numbers performance_floors, cadence_floors, others;
  std::optional<std::string> if_match;
};

Numbers take_numbers(Input& input, const char* name) {
  return input.body.optional_numbers(name, kMetricsMax, {.min = 1, .max = 128}).value_or(Numbers{});
}

Change parse(Input& input, Part part) {
  Change change;
  change.part = part;
  change.surface = take_surface(input.body, false);
  if (part == Part::floors) {
    change.performance_floors = take_numbers(input, "performance_floors");
    change.cadence_floors = take_numbers(input, "cadence_floors");
    if (!input.body.sent("performance_floors") && !input.body.sent("cadence_floors"))
      input.body.fault("performance_floors", "or cadence_floors is required");
  } else {
    const char* name = part == Part::ceilings ? "ceilings" : "weights";
    change.others = take_numbers(input, name);
    if (!input.body.sent(name) || input.body.sent_null(name)) input.body.fault(name, "is required");
  }
  change.if_match = take_if_match(input);
  return change;
}

// ---- the document --------------------------------------------------------------------------------------------------

struct Document {
  store::TemperatureConfig config;
  Bounds bounds;
};

Document read_document(const store::Reader& reader, const Caller& caller, const std::string& surface) {
  const std::string& tenant = caller.tenant().str();
  const std::string_view env = to_string(caller.env());
  return {store::find_temperature(reader, tenant, env, surface),
          gates::bounds_of(store::list_bounds(reader, tenant, env, surface))};
}

std::string etag_of(const Document& document) { return "\"tc-" + std::to_string(document.config.version) + "\""; }

Json document_json(const Document& document, const Caller& caller, const std::string& surface) {
  const auto& [config, bounds] = document;
  Json floors, ceilings, weights;
  if (config.floors_set)
    floors = {{"performance_floors", bounds.performance_floors}, {"cadence_floors", bounds.cadence_floors}};
  if (config.ceilings_set) ceilings = bounds.ceilings;
  if (config.weights_set) weights = bounds.weights;
  return in_context({{"surface", surface},
                     {"floors", std::move(floors)},
                     {"ceilings", std::move(ceilings)},
                     {"weights", std::move(weights)},
                     {"updated_at", config.version > 0 ? Json(to_rfc3339(config.updated_at)) : Json()},
                     {"updated_by", config.version > 0 ? Json(config.updated_by) : Json()}},
                    caller);
}

Json texts_of(const Numbers& numbers) {
  Json out = Json::object();
  for (const auto& [name, value] : numbers) out[name] = gates::decimal(value);
  return out;
}

/// What the audit row keeps of the part that changes: decimals as texts.
Json facts_of(const Bounds& bounds, Part part) {
  if (part == Part::floors)
    return {{"performance_floors", texts_of(bounds.performance_floors)},
            {"cadence_floors", texts_of(bounds.cadence_floors)}};
  if (part == Part::ceilings) return {{"ceilings", texts_of(bounds.ceilings)}};
  return {{"weights", texts_of(bounds.weights)}};
}

// ---- write ---------------------------------------------------------------------------------------------------------

Document changed(Document document, const Change& change) {
  if (change.part == Part::floors) {
    document.bounds.performance_floors = change.performance_floors;
    document.bounds.cadence_floors = change.cadence_floors;
    document.config.floors_set = true;
  } else if (change.part == Part::ceilings) {
    document.bounds.ceilings = change.others;
    document.config.ceilings_set = true;
  } else {
    document.bounds.weights = change.others;
    document.config.weights_set = true;
  }
  return document;
}

void write_part(store::Tx& tx, const Caller& caller, const Change& change) {
  const std::string& tenant = caller.tenant().str();
  const std::string_view env = to_string(caller.env());
  if (change.part == Part::floors) {
    store::replace_bounds(tx, tenant, env, change.surface, "performance_floor", change.performance_floors);
    store::replace_bounds(tx, tenant, env, change.surface, "cadence_floor", change.cadence_floors);
  } else {
    store::replace_bounds(tx, tenant, env, change.surface, change.part == Part::ceilings ? "ceiling" : "weight",
                          change.others);
  }
}

Applied put(store::Tx& tx, const Caller& caller, const Change& change) {
  const Document before = read_document(tx, caller, change.surface);
  judge_if_match(change.if_match, etag_of(before));
  Document after = changed(before, change);
  after.config.version = before.config.version + 1;
  after.config.updated_at = now_micros();
  after.config.updated_by = caller.user_id;
  store::put_temperature(tx, caller.tenant().str(), to_string(caller.env()), change.surface, after.config);
  write_part(tx, caller, change);
  return {.json = document_json(after, caller, change.surface),
          .subject_type = "temperature_config",
          .subject_id = change.surface,
          .details = {{"before", facts_of(before.bounds, change.part)}, {"after", facts_of(after.bounds, change.part)}},
          .status = 200,
          .fields = {{"ETag", etag_of(after)}}};
}

/// The higher floor of each metric is the one that binds.
Numbers floors_of(const Bounds& bounds) {
  Numbers floors = bounds.performance_floors;
  for (const auto& [name, floor] : bounds.cadence_floors) {
    const auto [at, is_new] = floors.emplace(name, floor);
    if (!is_new) at->second = std::max(at->second, floor);
  }
  return floors;
}

/// Every bound that was is still there, and holds as much or more.
bool holds_as_much(const Numbers& before, const Numbers& after, bool higher) {
  for (const auto& [name, value] : before) {
    const auto now = after.find(name);
    if (now == after.end() || (higher ? now->second < value : now->second > value)) return false;
  }
  return true;
}

bool only_tightens(const store::Reader& reader, const Caller& caller, const Change& change) {
  if (change.part == Part::weights) return false;
  const Document before = read_document(reader, caller, change.surface);
  const Document after = changed(before, change);
  return holds_as_much(floors_of(before.bounds), floors_of(after.bounds), true) &&
         holds_as_much(before.bounds.ceilings, after.bounds.ceilings, false);
}

http::WriteHandler handle_put(Part part) {
  return [part](Input& input) {
    const Change change = parse(input, part);
    http::Write write;
    write.surface = change.surface;
    write.apply = [change](store::Tx& tx, const Caller& caller) { return put(tx, caller, change); };
    write.tightens = [change](const store::Reader& reader, const Caller& caller) {
      return only_tightens(reader, caller, change);
    };
    return write;
  };
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& surface) {
  const Document document = read_document(reader, caller, surface);
  return {.json = document_json(document, caller, surface), .fields = {{"ETag", etag_of(document)}}};
}

// ---- schemas -------------------------------------------------------------------------------------------------------

Json numbers_schema() { return {{"type", "object"}, {"additionalProperties", {{"type", "number"}}}}; }

Json floors_schema() {
  return schema::object({}, {{"performance_floors", numbers_schema()}, {"cadence_floors", numbers_schema()}});
}

Json document_schema() {
  return with_context_schema(
      schema::object({"surface", "floors", "ceilings", "weights"}, {{"surface", schema::text()},
                                                                    {"floors", schema::nullable(floors_schema())},
                                                                    {"ceilings", schema::nullable(numbers_schema())},
                                                                    {"weights", schema::nullable(numbers_schema())},
                                                                    {"updated_at", schema::nullable(schema::time())},
                                                                    {"updated_by", schema::nullable(schema::text())}}));
}

void add_put(http::RouteTable& routes, const char* path, Part part, const char* summary, Json request) {
  request["properties"]["surface"] = surface_schema();
  routes.add(config_route("PUT", path, "temperature_config_update", Direction::told, handle_put(part),
                          {summary, "temperature", std::move(request), document_schema(), 200, {}, {412}}));
}

}  // namespace

void add_temperature_config_routes(http::RouteTable& routes) {
  add_put(routes, "/temperature/floors", Part::floors, "Replace the floors of a surface", floors_schema());
  add_put(routes, "/temperature/ceilings", Part::ceilings, "Replace the ceilings of a surface",
          schema::object({"surface", "ceilings"}, {{"ceilings", numbers_schema()}}));
  add_put(routes, "/temperature/weights", Part::weights, "Replace the weights of a surface",
          schema::object({"surface", "weights"}, {{"weights", numbers_schema()}}));
  routes.add(measure_route("/temperature/config", "temperature_read",
                           http::reads([](Input& input) { return take_surface(input.query, false); }, show),
                           {"Show floors, ceilings and weights of a surface",
                            "temperature",
                            {},
                            document_schema(),
                            200,
                            {surface_parameter()},
                            {}}));
}

}  // namespace nexus::control
