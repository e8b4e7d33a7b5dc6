#include "store/media.hpp"

#include "daemon/base/json.hpp"
#include "store/erasure.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

MediaAsset asset_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .asset_id = q.text(2),
          .kind = q.text(3),
          .filename = q.optional_text(4),
          .key = q.optional_text(5),
          .uri = q.text(6),
          .source_uri = q.optional_text(7),
          .content_type = q.optional_text(8),
          .size_bytes = q.optional_integer(9),
          .sha256 = q.optional_text(10),
          .source_ref = q.optional_text(11),
          .meta = q.text(12),
          .tags = Json::parse(q.text_view(13)).get<std::vector<std::string>>(),
          .created_at = q.integer(14),
          .created_by = q.text(15)};
}

MediaArtifact artifact_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .artifact_id = q.text(2),
          .asset_id = q.text(3),
          .kind = q.text(4),
          .uri = q.text(5),
          .start_ms = q.optional_integer(6),
          .end_ms = q.optional_integer(7),
          .track_label = q.optional_text(8),
          .meta = q.text(9),
          .created_at = q.integer(10),
          .created_by = q.text(11)};
}

}  // namespace

// Literals, so that every statement stays one cached literal too.
#define NEXUS_SELECT_MEDIA                                                                                    \
  "SELECT tenant_id, env, asset_id, kind, filename, key, uri, source_uri, content_type, size_bytes, sha256, " \
  "source_ref, meta, tags, created_at, created_by FROM media_assets AS a "                                    \
  "WHERE tenant_id = ?1 AND env = ?2 AND deleted_at IS NULL "
#define NEXUS_SELECT_ARTIFACT                                                                                      \
  "SELECT tenant_id, env, artifact_id, asset_id, kind, uri, start_ms, end_ms, track_label, meta, created_at, "     \
  "created_by FROM media_artifacts AS f WHERE tenant_id = ?1 AND env = ?2 AND EXISTS (SELECT 1 FROM media_assets " \
  "WHERE tenant_id = ?1 AND env = ?2 AND asset_id = f.asset_id AND deleted_at IS NULL) "

std::optional<MediaAsset> find_media_asset(const Reader& reader, Realm realm, std::string_view asset_id) {
  Query q = reader.query(NEXUS_SELECT_MEDIA "AND asset_id = ?3", realm, asset_id);
  if (!q.next()) return std::nullopt;
  return asset_of(q);
}

std::vector<MediaAsset> list_media_assets(const Reader& reader, Realm realm, const MediaFilter& filter,
                                          std::string_view before, int limit) {
  Query q = reader.query(NEXUS_SELECT_MEDIA
                         "AND (?3 = '' OR asset_id < ?3) AND (?4 IS NULL OR kind = ?4) "
                         "AND (?5 IS NULL OR source_ref = ?5) "
                         "AND (?6 IS NULL OR EXISTS (SELECT 1 FROM media_tags WHERE tenant_id = ?1 AND env = ?2 "
                         "AND tag = ?6 AND asset_id = a.asset_id)) ORDER BY asset_id DESC LIMIT ?7",
                         realm, before, filter.kind, filter.source_ref, filter.tag, limit);
  std::vector<MediaAsset> rows;
  while (q.next()) rows.push_back(asset_of(q));
  return rows;
}

void insert_media_asset(Tx& tx, const MediaAsset& asset) {
  tx.run(
      "INSERT INTO media_assets (tenant_id, env, asset_id, kind, filename, key, uri, source_uri, content_type, "
      "size_bytes, sha256, source_ref, meta, tags, created_at, created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
      asset.tenant_id, asset.env, asset.asset_id, asset.kind, asset.filename, asset.key, asset.uri, asset.source_uri,
      asset.content_type, asset.size_bytes, asset.sha256, asset.source_ref, asset.meta, to_text(Json(asset.tags)),
      asset.created_at, asset.created_by);
  for (const auto& tag : asset.tags)
    tx.run("INSERT INTO media_tags (tenant_id, env, tag, asset_id) VALUES (?1, ?2, ?3, ?4)", asset.tenant_id, asset.env,
           tag, asset.asset_id);
}

void bury_media_asset(Tx& tx, const MediaAsset& asset, Micros at) {
  // An asset has a key or a source_uri: the tombstone an empty one of the latter.
  tx.run(
      "UPDATE media_assets SET filename = NULL, key = NULL, uri = '', source_uri = '', content_type = NULL, "
      "source_ref = NULL, meta = '{}', tags = '[]', deleted_at = ?4 "
      "WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3",
      asset.tenant_id, asset.env, asset.asset_id, at);
  for (const auto& tag : asset.tags)
    tx.run("DELETE FROM media_tags WHERE tenant_id = ?1 AND env = ?2 AND tag = ?3 AND asset_id = ?4", asset.tenant_id,
           asset.env, tag, asset.asset_id);
}

std::optional<MediaArtifact> find_media_artifact(const Reader& reader, Realm realm, std::string_view artifact_id) {
  Query q = reader.query(NEXUS_SELECT_ARTIFACT "AND artifact_id = ?3", realm, artifact_id);
  if (!q.next()) return std::nullopt;
  return artifact_of(q);
}

std::vector<MediaArtifact> list_media_artifacts(const Reader& reader, Realm realm, std::string_view asset_id,
                                                std::string_view before, int limit) {
  Query q = reader.query(NEXUS_SELECT_ARTIFACT
                         "AND asset_id = ?3 AND (?4 = '' OR artifact_id < ?4) ORDER BY artifact_id DESC LIMIT ?5",
                         realm, asset_id, before, limit);
  std::vector<MediaArtifact> rows;
  while (q.next()) rows.push_back(artifact_of(q));
  return rows;
}

#undef NEXUS_SELECT_MEDIA
#undef NEXUS_SELECT_ARTIFACT

void insert_media_artifact(Tx& tx, const MediaArtifact& artifact) {
  tx.run(
      "INSERT INTO media_artifacts (tenant_id, env, artifact_id, asset_id, kind, uri, start_ms, end_ms, "
      "track_label, meta, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      artifact.tenant_id, artifact.env, artifact.artifact_id, artifact.asset_id, artifact.kind, artifact.uri,
      artifact.start_ms, artifact.end_ms, artifact.track_label, artifact.meta, artifact.created_at,
      artifact.created_by);
}

bool drop_media_artifacts(Tx& tx, const Subject& asset, int limit) {
  const auto artifacts = all(tx.query("SELECT artifact_id FROM media_artifacts WHERE tenant_id = ?1 AND env = ?2 "
                                      "AND asset_id = ?3 LIMIT ?4",
                                      asset.tenant_id, asset.env, asset.id, limit),
                             [](const Query& q) { return q.text(0); });
  for (const std::string& artifact_id : artifacts) {
    erase_copies(tx, {asset.tenant_id, asset.env, "media_artifact", artifact_id});
    tx.run("DELETE FROM media_artifacts WHERE tenant_id = ?1 AND env = ?2 AND artifact_id = ?3", asset.tenant_id,
           asset.env, artifact_id);
  }
  return artifacts.size() < static_cast<std::size_t>(limit);
}

}  // namespace nexus::store
