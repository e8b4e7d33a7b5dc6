// Lists, tags and tombstones of media; all else of their rows is derived (store/model_rows.hpp).
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/media/media.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::media {

struct Filter {
  std::optional<std::string> kind;
  std::optional<std::string> tag;
  std::optional<std::string> source_ref;
};

/// Newest first, from before `before` ("" for the start).
std::vector<MediaAsset> list_assets(const store::Reader& reader, Realm realm, const Filter& filter,
                                    std::string_view before, int limit);
/// With its tags, which a list finds it by.
void insert_asset(store::Tx& tx, const MediaAsset& asset);
/// Leaves a tombstone: its kind and size, who and when, and no name, tag or source.
void bury_asset(store::Tx& tx, const MediaAsset& asset, Micros at);

}  // namespace nexus::media
