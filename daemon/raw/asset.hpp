// One asset: how it is found and shown, and how its metadata is changed once it is registered.
#pragma once
#include <string>

#include "daemon/http/route.hpp"
#include "store/raw_assets.hpp"

namespace nexus::raw {

Json raw_json(const store::RawAsset& asset);
/// Throws Problem raw.not_found.
store::RawAsset find_asset(const store::Reader& reader, const Caller& caller, const std::string& asset_id);

struct AssetChange {
  std::string asset_id;
  Json metadata;
};

AssetChange take_asset_change(http::Input& input);
/// Merges as RFC 7396 says: null removes a member. The event and the audit row hold none of the metadata.
http::Applied change_asset(store::Tx& tx, const Caller& caller, const AssetChange& change);
Json asset_change_schema();

}  // namespace nexus::raw
