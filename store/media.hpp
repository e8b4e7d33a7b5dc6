// Media assets and their artifacts as rows, and tombstones of deleted assets (which no read answers, nor what belonged
// to them).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Subject;

struct MediaAsset {
  std::string tenant_id;
  std::string env;
  std::string asset_id;
  std::string kind;
  std::optional<std::string> filename;  // as the client named it
  std::optional<std::string> key;       // of our object; else source_uri is there
  std::string uri;
  std::optional<std::string> source_uri;
  std::optional<std::string> content_type;
  std::optional<std::int64_t> size_bytes;
  std::optional<std::string> sha256;
  std::optional<std::string> source_ref;
  std::string meta = "{}";  // JSON object
  std::vector<std::string> tags = {};
  Micros created_at = 0;
  std::string created_by;
};

struct MediaArtifact {
  std::string tenant_id;
  std::string env;
  std::string artifact_id;
  std::string asset_id;
  std::string kind;
  std::string uri;
  std::optional<std::int64_t> start_ms;
  std::optional<std::int64_t> end_ms;
  std::optional<std::string> track_label;
  std::string meta = "{}";  // JSON object
  Micros created_at = 0;
  std::string created_by;
};

struct MediaFilter {
  std::optional<std::string> kind;
  std::optional<std::string> tag;
  std::optional<std::string> source_ref;
};

std::optional<MediaAsset> find_media_asset(const Reader& reader, Realm realm, std::string_view asset_id);
/// Newest first, from before `before` ("" for the start).
std::vector<MediaAsset> list_media_assets(const Reader& reader, Realm realm, const MediaFilter& filter,
                                          std::string_view before, int limit);
void insert_media_asset(Tx& tx, const MediaAsset& asset);
/// Leaves a tombstone: its kind and size, who and when, and no name, tag or source.
void bury_media_asset(Tx& tx, const MediaAsset& asset, Micros at);

std::optional<MediaArtifact> find_media_artifact(const Reader& reader, Realm realm, std::string_view artifact_id);
std::vector<MediaArtifact> list_media_artifacts(const Reader& reader, Realm realm, std::string_view asset_id,
                                                std::string_view before, int limit);
void insert_media_artifact(Tx& tx, const MediaArtifact& artifact);
/// Removes up to `limit` artifacts of a buried asset with their own copies; answers whether none is left.
bool drop_media_artifacts(Tx& tx, const Subject& asset, int limit);

}  // namespace nexus::store
