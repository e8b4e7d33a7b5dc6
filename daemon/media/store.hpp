// Lists, tags and tombstones of media; all other access to their rows is derived (store/model_rows.hpp).
#pragma once
#include "daemon/media/media.hpp"
#include "store/query.hpp"

namespace nexus::media {

struct Filter {
  std::optional<std::string> kind;
  std::optional<std::string> tag;
  std::optional<std::string> source_ref;
};

/// Newest first, starting before `before` ("" for the start).
std::vector<MediaAsset> list_assets(const store::Reader& reader, Realm realm, const Filter& filter,
                                    std::string_view before, int limit);
/// Also inserts its tags, by which a list finds it.
void insert_asset(store::Tx& tx, const MediaAsset& asset);
/// Leaves a tombstone: kind, size, user and time, but no name, tag or source.
void bury_asset(store::Tx& tx, const MediaAsset& asset, Micros at);

}  // namespace nexus::media
