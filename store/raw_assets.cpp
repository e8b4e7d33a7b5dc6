#include "store/raw_assets.hpp"

#include "store/model_rows.hpp"
#include "store/retention.hpp"

namespace nexus::store {

std::vector<RawAsset> list_raw_assets(const Reader& reader, Realm realm, std::string_view before, int limit) {
  static const std::string text = select_rows<kRawAsset>() + "AND asset_id < " + from_newest("?3") +
                                  " AND status = 'registered' ORDER BY asset_id DESC LIMIT ?4";
  return all(reader.query(text, realm, before, limit), row_of<kRawAsset>);
}

namespace {

// Of all tenants; ?1 is the time.
constexpr std::string_view kUnregistered = "WHERE status = 'presigned' AND deleted_at IS NULL AND created_at < ?1 ";
constexpr std::string_view kUnswept =
    "WHERE deleted_at IS NOT NULL AND sweeps < 2 AND deleted_at < ?1 AND sweeps = ?2 ";

std::string uploads_count_text(std::string_view which, std::string_view limit) {
  std::string text = "SELECT count(*) FROM (SELECT 1 AS one FROM raw_assets ";
  return text.append(which).append("LIMIT ").append(limit).append(") AS counted");
}

}  // namespace

std::vector<RawAsset> list_unregistered(const Reader& reader, Micros before, int limit) {
  static const std::string text =
      select_rows_everywhere<kRawAsset>() + std::string(kUnregistered) + "ORDER BY created_at LIMIT ?2";
  return all(reader.query(text, before, limit), row_of<kRawAsset>);
}

std::int64_t count_unregistered(const Reader& reader, Micros before) {
  return integer_of(reader.query(uploads_count_text(kUnregistered, "?2"), before, kCountMax));
}

std::vector<RawAsset> list_tombstones(const Reader& reader, int sweeps, Micros before, int limit, int skipped) {
  static const std::string text =
      select_rows_everywhere<kRawAsset>() + std::string(kUnswept) + "ORDER BY deleted_at LIMIT ?3 OFFSET ?4";
  return all(reader.query(text, before, sweeps, limit, skipped), row_of<kRawAsset>);
}

std::int64_t count_tombstones(const Reader& reader, int sweeps, Micros before) {
  return integer_of(reader.query(uploads_count_text(kUnswept, "?3"), before, sweeps, kCountMax));
}

void count_sweep(Tx& tx, const RawAsset& tombstone) {
  tx.run(
      "UPDATE raw_assets SET sweeps = sweeps + 1, key = CASE WHEN sweeps = 0 THEN key ELSE '' END, "
      "uri = CASE WHEN sweeps = 0 THEN uri ELSE '' END WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3",
      tombstone.realm(), tombstone.asset_id);
}

bool drop_unregistered(Tx& tx, const RawAsset& asset) {
  return tx.run("DELETE FROM raw_assets WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3 AND status = 'presigned'",
                asset.realm(), asset.asset_id) > 0;
}

void bury_raw_asset(Tx& tx, const RawAsset& asset, std::string_view key, std::string_view uri, Micros at) {
  tx.run(
      "UPDATE raw_assets SET filename = '', content_type = '', metadata = '{}', key = ?4, uri = ?5, deleted_at = ?6 "
      "WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3",
      asset.realm(), asset.asset_id, key, uri, at);
}

}  // namespace nexus::store
