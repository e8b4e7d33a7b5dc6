#include "daemon/raw/asset.hpp"

#include "daemon/domain/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/raw/problems.hpp"

namespace nexus::raw {

Json raw_json(const store::RawAsset& asset) {
  Json out = model::json_of(store::kRawAsset, asset);
  out["filename"] = domain::stored_filename(asset.key);
  return out;
}

store::RawAsset find_asset(const store::Reader& reader, const Caller& caller, const std::string& asset_id) {
  return found(store::find_row<store::kRawAsset>(reader, caller.realm(), asset_id), problems::raw_not_found);
}

AssetChange take_asset_change(http::Input& input) {
  input.body.require("metadata");
  auto metadata = input.body.optional_object("metadata", limits::metadata_bytes_max);
  return {input.param("asset_id"), std::move(metadata).value_or(Json::object())};
}

http::Applied change_asset(store::Tx& tx, const Caller& caller, const AssetChange& value) {
  store::RawAsset asset = find_asset(tx, caller, value.asset_id);
  domain::require_creator_or_admin(caller, asset.created_by, "an asset");
  if (asset.status != "registered") throw Problem(problems::raw_not_uploaded, "register the asset first");
  Json merged = parse_own_json(asset.metadata);
  merged.merge_patch(value.metadata);
  asset.metadata = to_text(domain::with_original_filename(std::move(merged), asset.key, asset.filename));
  if (asset.metadata.size() > limits::metadata_bytes_max)
    throw Problem(problems::validation_failed, "the metadata becomes too large")
        .with_errors({{"/metadata", "must leave at most " + std::to_string(limits::metadata_bytes_max) + " bytes"}});
  store::update_row<store::kRawAsset>(tx, asset);
  const Json told = {{"changed", Json::array({"metadata"})}};
  return {.json = raw_json(asset),
          .subject_type = "raw_asset",
          .subject_id = asset.asset_id,
          .details = told,
          .events = {{"raw_asset_updated", "raw_asset", asset.asset_id, told}},
          .status = 200};
}

Json asset_change_schema() {
  namespace schema = http::schema;
  return schema::named("RawAssetUpdate",
                       schema::object({"metadata"}, {{"metadata", schema::any_object(limits::metadata_bytes_max)}}));
}

}  // namespace nexus::raw
