// PUT sets the flags that are sent and keeps the others; null unsets one. The ETag holds the version of t_system's
// document too, because the shown flags come from both.
#include <algorithm>

#include "daemon/domain/feature_flags.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/rows.hpp"
#include "store/preferences.hpp"

namespace nexus::feature_flags {
namespace {

using domain::FlagLayers;
using domain::Flags;
using domain::kFlagNames;
using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

struct Change {
  model::Draft<FeatureFlags> flags;
  std::optional<std::string> if_match;
};

Change parse(Input& input) { return {model::take_new(kFeatureFlags, input.body), http::take_if_match(input)}; }

FlagLayers changed(FlagLayers layers, const Change& change) {
  change.flags.apply_to(kFeatureFlags, layers.own);
  return layers;
}

Json set_json(const FeatureFlags& flags) {
  return model::json_of(kFeatureFlags, flags, {"ws_enabled", "sse_enabled", "gesture_logging"});
}

Json to_json(const FlagLayers& layers) {
  Json json = model::json_of(kFeatureFlags, layers.own);
  json["set"] = set_json(layers.own);
  const Flags flags = layers.in_force();
  for (const domain::FlagName& name : kFlagNames) json[name.text] = flags.*name.in_force;
  return json;
}

Reply show(const store::Reader& reader, const Caller& caller) {
  const FlagLayers layers = domain::read_flags(reader, caller.realm());
  return {.json = to_json(layers), .fields = {{"ETag", layers.etag()}}};
}

Applied put(store::Tx& tx, const Caller& caller, const Change& change) {
  const FlagLayers before = domain::read_flags(tx, caller.realm());
  http::judge_if_match(change.if_match, before.etag());
  FlagLayers after = changed(before, change);
  after.own.version = before.own.version + 1;
  after.own.updated_at = now_micros();
  after.own.updated_by = caller.user_id;
  store::put_row<kFeatureFlags>(tx, after.own);
  return {.json = to_json(after),
          .subject_type = "feature_flags",
          .subject_id = std::nullopt,
          .details = {{"before", set_json(before.own)}, {"after", set_json(after.own)}},
          .status = 200,
          .fields = {{"ETag", after.etag()}}};
}

/// Only turning flags off tightens: no rail opens, and nothing more is stored.
bool only_tightens(const store::Reader& reader, const Caller& caller, const Change& change) {
  const FlagLayers layers = domain::read_flags(reader, caller.realm());
  const Flags before = layers.in_force(), after = changed(layers, change).in_force();
  return std::ranges::all_of(kFlagNames,
                             [&](const auto& name) { return before.*name.in_force || !(after.*name.in_force); });
}

Json answer_schema() {
  Json out = model::answer_schema(kFeatureFlags);
  for (const domain::FlagName& name : kFlagNames) {
    out["properties"]["set"]["properties"][name.text] = out["properties"][name.text];
    out["properties"][name.text] = schema::boolean();
  }
  out["properties"]["set"]["type"] = "object";
  return out;
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  const http::Surface surface{
      .name = "control",
      .read_action = "feature_flags_read",
      .writes = Role::admin,
      .policy = gates::Policy::control,
      .effects = {http::Urgency::ordinary, http::EndsStreams::may, http::Repairs::no, Direction::told}};
  routes.add(surface.get("/feature-flags", http::reads(show),
                         {.summary = "Show which features are on", .response = answer_schema()}));
  routes.add(surface.put("/feature-flags", "feature_flags_update", domain::configures(parse, put, only_tightens),
                         {.summary = "Turn features on or off, or back to the default",
                          .request = schema::named("FeatureFlagsUpdate", model::create_schema(kFeatureFlags)),
                          .response = answer_schema(),
                          .refusals = {412}}));
}

}  // namespace nexus::feature_flags
