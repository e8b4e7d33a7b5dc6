// The list of assets and its filters: what a name begins with, and what the metadata holds. A filtered page looks at
// raw_rows_scanned_max rows at most, so it may hold fewer items than asked for, or none, and still name a next page.
#pragma once
#include <map>

#include "daemon/http/page.hpp"
#include "store/raw_assets.hpp"

namespace nexus::raw {

struct AssetFilter {
  std::optional<std::string> filename;          // what the stored name, or the name that was sent, begins with
  std::map<std::string, std::string> metadata;  // a text, number, true or false of this spelling under each name
  bool empty() const { return !filename && metadata.empty(); }
};

struct AssetList {
  http::Page page;
  AssetFilter filter;
};

/// Reads `filename`, `metadata.KEY` of any KEY, `limit` and `cursor`. Cursors are bound to the filter.
AssetList take_asset_list(http::Input& input);

/// One page, newest first.
http::Reply list_assets(const store::Reader& reader, const Caller& caller, const AssetList& list,
                        Json (*to_json)(const store::RawAsset&));

std::vector<http::QueryParameter> filter_parameters();

}  // namespace nexus::raw
