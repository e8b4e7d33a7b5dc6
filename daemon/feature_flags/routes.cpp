// PUT sets the flags that are sent and keeps the others; null unsets one. The ETag holds the version of t_system's
// document too, since what a reader saw was made of both.
#include "daemon/feature_flags/routes.hpp"

#include "daemon/domain/if_match.hpp"
#include "daemon/http/schema.hpp"
#include "store/preferences.hpp"

namespace nexus::feature_flags {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::FeatureFlags;
namespace schema = http::schema;

/// A flag by name, in the stored document and in the one in force.
struct Name {
  const char* text;
  std::optional<bool> FeatureFlags::*stored;
  bool Flags::*in_force;
};
constexpr Name kNames[] = {{"ws_enabled", &FeatureFlags::ws_enabled, &Flags::ws_enabled},
                           {"sse_enabled", &FeatureFlags::sse_enabled, &Flags::sse_enabled},
                           {"gesture_logging", &FeatureFlags::gesture_logging, &Flags::gesture_logging}};

/// What a tenant's flags are made of.
struct Layers {
  FeatureFlags own, system;

  Flags in_force() const {
    Flags flags;
    for (const Name& name : kNames)
      flags.*name.in_force = (own.*name.stored).value_or((system.*name.stored).value_or(flags.*name.in_force));
    return flags;
  }
  std::string etag() const {
    return "\"ff-" + std::to_string(own.version) + "-" + std::to_string(system.version) + "\"";
  }
};

Layers read(const store::Reader& reader, std::string_view tenant_id, std::string_view env) {
  Layers layers{store::find_feature_flags(reader, tenant_id, env), {}};
  if (tenant_id != TenantId::system().str())
    layers.system = store::find_feature_flags(reader, TenantId::system().str(), env);
  return layers;
}

Layers read(const store::Reader& reader, const Caller& caller) {
  return read(reader, caller.tenant().str(), to_string(caller.env()));
}

struct Change {
  std::optional<bool> value[std::size(kNames)];
  bool sent[std::size(kNames)] = {};
  std::optional<std::string> if_match;
};

Change parse(Input& input) {
  Change change;
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    change.sent[i] = input.body.sent(kNames[i].text);
    change.value[i] = input.body.optional_boolean(kNames[i].text);
  }
  change.if_match = domain::take_if_match(input);
  return change;
}

Layers changed(Layers layers, const Change& change) {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (change.sent[i]) layers.own.*kNames[i].stored = change.value[i];
  return layers;
}

Json set_json(const FeatureFlags& flags) {
  Json json = Json::object();
  for (const Name& name : kNames) json[name.text] = flags.*name.stored ? Json(*(flags.*name.stored)) : Json();
  return json;
}

Json to_json(const Layers& layers, const Caller& caller) {
  Json json = {{"tenant_id", caller.tenant().str()},
               {"env", to_string(caller.env())},
               {"set", set_json(layers.own)},
               {"updated_at", layers.own.version > 0 ? Json(to_rfc3339(layers.own.updated_at)) : Json()},
               {"updated_by", layers.own.version > 0 ? Json(layers.own.updated_by) : Json()}};
  const Flags flags = layers.in_force();
  for (const Name& name : kNames) json[name.text] = flags.*name.in_force;
  return json;
}

Reply show(const store::Reader& reader, const Caller& caller, int) {
  const Layers layers = read(reader, caller);
  return {.json = to_json(layers, caller), .fields = {{"ETag", layers.etag()}}};
}

Applied put(store::Tx& tx, const Caller& caller, const Change& change) {
  const Layers before = read(tx, caller);
  domain::judge_if_match(change.if_match, before.etag());
  Layers after = changed(before, change);
  after.own.version = before.own.version + 1;
  after.own.updated_at = now_micros();
  after.own.updated_by = caller.user_id;
  store::put_feature_flags(tx, caller.tenant().str(), to_string(caller.env()), after.own);
  return {.json = to_json(after, caller),
          .subject_type = "feature_flags",
          .subject_id = std::nullopt,
          .details = {{"before", set_json(before.own)}, {"after", set_json(after.own)}},
          .status = 200,
          .fields = {{"ETag", after.etag()}}};
}

/// Only off: no rail opens, and nothing more is kept.
bool only_tightens(const Flags& before, const Flags& after) {
  for (const Name& name : kNames)
    if (after.*name.in_force && !(before.*name.in_force)) return false;
  return true;
}

http::Write handle_put(Input& input) {
  const Change change = parse(input);
  http::Write write;
  write.apply = [change](store::Tx& tx, const Caller& caller) { return put(tx, caller, change); };
  write.tightens = [change](const store::Reader& reader, const Caller& caller) {
    const Layers before = read(reader, caller);
    return only_tightens(before.in_force(), changed(before, change).in_force());
  };
  return write;
}

Json flags_schema(const Json& flag) {
  return schema::object({}, {{"ws_enabled", flag}, {"sse_enabled", flag}, {"gesture_logging", flag}});
}

Json answer_schema() {
  Json out = flags_schema(schema::boolean());
  for (const char* name : {"tenant_id", "env"}) out["properties"][name] = schema::text();
  out["properties"]["set"] = flags_schema(schema::nullable(schema::boolean()));
  out["properties"]["updated_at"] = schema::nullable(schema::time());
  out["properties"]["updated_by"] = schema::nullable(schema::text());
  return out;
}

}  // namespace

Flags flags_in_force(const store::Reader& reader, std::string_view tenant_id, std::string_view env) {
  return read(reader, tenant_id, env).in_force();
}

void add_feature_flag_routes(http::RouteTable& routes) {
  routes.add({.method = "GET",
              .path = "/feature-flags",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer},
              .action = "feature_flags_read",
              .surface = "control",
              .policy = gates::Policy::read,
              .handler = http::reads([](Input&) { return 0; }, show),
              .docs = {"Show which features are on", "control", {}, answer_schema(), 200, {}, {}}});
  routes.add({.method = "PUT",
              .path = "/feature-flags",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::admin, .mutates = true},
              .action = "feature_flags_update",
              .surface = "control",
              .policy = gates::Policy::control,
              .effects = {http::Urgency::ordinary, http::EndsStreams::may, http::Repairs::no, Direction::told},
              .body = http::Body::json,
              .handler = http::WriteHandler(handle_put),
              .docs = {"Turn features on or off, or back to the default",
                       "control",
                       flags_schema(schema::nullable(schema::boolean())),
                       answer_schema(),
                       200,
                       {},
                       {412}}});
}

}  // namespace nexus::feature_flags
