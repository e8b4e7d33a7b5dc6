// PUT sets the flags that are sent and keeps the others; null unsets one. The ETag holds the version of t_system's
// document too, since what a reader saw was made of both.
#include <algorithm>

#include "daemon/domain/feature_flags.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/http/if_match.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "store/preferences.hpp"

namespace nexus::feature_flags {
namespace {

using domain::FlagLayers;
using domain::Flags;
using domain::kFlagNames;
using http::Applied;
using http::Input;
using http::Reply;
using store::FeatureFlags;
namespace schema = http::schema;

FlagLayers read(const store::Reader& reader, const Caller& caller) {
  return domain::read_flags(reader, caller.realm());
}

struct Change {
  std::optional<bool> value[std::size(kFlagNames)];
  bool sent[std::size(kFlagNames)] = {};
  std::optional<std::string> if_match;
};

Change parse(Input& input) {
  Change change;
  for (std::size_t i = 0; i < std::size(kFlagNames); ++i) {
    change.sent[i] = input.body.sent(kFlagNames[i].text);
    change.value[i] = input.body.optional_boolean(kFlagNames[i].text);
  }
  change.if_match = http::take_if_match(input);
  return change;
}

FlagLayers changed(FlagLayers layers, const Change& change) {
  for (std::size_t i = 0; i < std::size(kFlagNames); ++i)
    if (change.sent[i]) layers.own.*kFlagNames[i].stored = change.value[i];
  return layers;
}

Json set_json(const FeatureFlags& flags) {
  Json json = Json::object();
  for (const domain::FlagName& name : kFlagNames)
    json[name.text] = flags.*name.stored ? Json(*(flags.*name.stored)) : Json();
  return json;
}

Json to_json(const FlagLayers& layers, const Caller& caller) {
  Json json = {{"tenant_id", caller.tenant().str()},
               {"env", to_string(caller.env())},
               {"set", set_json(layers.own)},
               {"updated_at", layers.own.version > 0 ? Json(to_rfc3339(layers.own.updated_at)) : Json()},
               {"updated_by", layers.own.version > 0 ? Json(layers.own.updated_by) : Json()}};
  const Flags flags = layers.in_force();
  for (const domain::FlagName& name : kFlagNames) json[name.text] = flags.*name.in_force;
  return json;
}

Reply show(const store::Reader& reader, const Caller& caller, int) {
  const FlagLayers layers = read(reader, caller);
  return {.json = to_json(layers, caller), .fields = {{"ETag", layers.etag()}}};
}

Applied put(store::Tx& tx, const Caller& caller, const Change& change) {
  const FlagLayers before = read(tx, caller);
  http::judge_if_match(change.if_match, before.etag());
  FlagLayers after = changed(before, change);
  after.own.version = before.own.version + 1;
  after.own.updated_at = now_micros();
  after.own.updated_by = caller.user_id;
  store::put_feature_flags(tx, caller.realm(), after.own);
  return {.json = to_json(after, caller),
          .subject_type = "feature_flags",
          .subject_id = std::nullopt,
          .details = {{"before", set_json(before.own)}, {"after", set_json(after.own)}},
          .status = 200,
          .fields = {{"ETag", after.etag()}}};
}

/// Only off: no rail opens, and nothing more is kept.
bool only_tightens(const store::Reader& reader, const Caller& caller, const Change& change) {
  const FlagLayers layers = read(reader, caller);
  const Flags before = layers.in_force(), after = changed(layers, change).in_force();
  return std::ranges::all_of(kFlagNames,
                             [&](const auto& name) { return before.*name.in_force || !(after.*name.in_force); });
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
  return schema::named("FeatureFlags", std::move(out));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  const http::Surface surface{
      .name = "control",
      .read_action = "feature_flags_read",
      .writes = Role::admin,
      .policy = gates::Policy::control,
      .effects = {http::Urgency::ordinary, http::EndsStreams::may, http::Repairs::no, Direction::told}};
  routes.add(surface.get("/feature-flags", http::reads([](Input&) { return 0; }, show),
                         {.summary = "Show which features are on", .response = answer_schema()}));
  routes.add(
      surface.put("/feature-flags", "feature_flags_update", domain::configures(parse, put, only_tightens),
                  {.summary = "Turn features on or off, or back to the default",
                   .request = schema::named("FeatureFlagsUpdate", flags_schema(schema::nullable(schema::boolean()))),
                   .response = answer_schema(),
                   .refusals = {412}}));
}

}  // namespace nexus::feature_flags
