#include "daemon/media/store.hpp"

#include "store/model_rows.hpp"

namespace nexus::media {

std::vector<MediaAsset> list_assets(const store::Reader& reader, Realm realm, const Filter& filter,
                                    std::string_view before, int limit) {
  static const std::string text =
      store::select_rows<kMediaAsset>() + "AND asset_id < " + store::from_newest("?3") +
      " AND (?4 IS NULL OR kind = ?4) AND (?5 IS NULL OR source_ref = ?5) "
      "AND (?6 IS NULL OR EXISTS (SELECT 1 FROM media_tags AS t WHERE t.tenant_id = ?1 AND t.env = ?2 "
      "AND t.tag = ?6 AND t.asset_id = media_assets.asset_id)) ORDER BY asset_id DESC LIMIT ?7";
  return store::all(reader.query(text, realm, before, filter.kind, filter.source_ref, filter.tag, limit),
                    store::row_of<kMediaAsset>);
}

void insert_asset(store::Tx& tx, const MediaAsset& asset) {
  store::insert_row<kMediaAsset>(tx, asset);
  for (const auto& tag : asset.tags)
    tx.run("INSERT INTO media_tags (tenant_id, env, tag, asset_id) VALUES (?1, ?2, ?3, ?4)", asset.tenant_id, asset.env,
           tag, asset.asset_id);
}

void bury_asset(store::Tx& tx, const MediaAsset& asset, Micros at) {
  // An asset has a key or a source_uri; a tombstone has an empty source_uri.
  tx.run(
      "UPDATE media_assets SET filename = NULL, key = NULL, uri = '', source_uri = '', content_type = NULL, "
      "source_ref = NULL, meta = '{}', tags = '[]', deleted_at = ?4 "
      "WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3",
      asset.tenant_id, asset.env, asset.asset_id, at);
  for (const auto& tag : asset.tags)
    tx.run("DELETE FROM media_tags WHERE tenant_id = ?1 AND env = ?2 AND tag = ?3 AND asset_id = ?4", asset.tenant_id,
           asset.env, tag, asset.asset_id);
}

}  // namespace nexus::media
