#include "store/raw_assets.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

RawAsset asset_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .asset_id = q.text(2),
          .status = q.text(3),
          .filename = q.text(4),
          .key = q.text(5),
          .uri = q.text(6),
          .content_type = q.text(7),
          .max_bytes = q.integer(8),
          .sha256_stated = q.optional_text(9),
          .size_bytes = q.optional_integer(10),
          .sha256 = q.optional_text(11),
          .sha256_checked = q.boolean(12),
          .metadata = q.text(13),
          .created_at = q.integer(14),
          .created_by = q.text(15),
          .registered_at = q.optional_integer(16),
          .registered_seq = q.optional_integer(17),
          .etag = q.optional_text(18),
          .object_version = q.optional_text(19)};
}

}  // namespace

// One text of the columns that asset_of reads; a literal, so that every statement stays one cached literal too.
#define NEXUS_SELECT_RAW                                                                                              \
  "SELECT tenant_id, env, asset_id, status, filename, key, uri, content_type, max_bytes, sha256_stated, size_bytes, " \
  "sha256, sha256_checked, metadata, created_at, created_by, registered_at, registered_seq, etag, object_version "    \
  "FROM raw_assets "

std::optional<RawAsset> find_raw_asset(const Reader& reader, Realm realm, std::string_view asset_id) {
  return first(
      reader.query(NEXUS_SELECT_RAW "WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3 AND deleted_at IS NULL", realm,
                   asset_id),
      asset_of);
}

std::vector<RawAsset> list_raw_assets(const Reader& reader, Realm realm, std::string_view before, int limit) {
  return all(reader.query(NEXUS_SELECT_RAW
                          "WHERE tenant_id = ?1 AND env = ?2 AND (?3 = '' OR asset_id < ?3) AND status = 'registered' "
                          "AND deleted_at IS NULL ORDER BY asset_id DESC LIMIT ?4",
                          realm, before, limit),
             asset_of);
}

std::vector<RawAsset> list_unregistered(const Reader& reader, Micros before, int limit) {
  return all(reader.query(NEXUS_SELECT_RAW "WHERE status = 'presigned' AND deleted_at IS NULL AND created_at < ?1 "
                                           "ORDER BY created_at LIMIT ?2",
                          before, limit),
             asset_of);
}

std::vector<RawAsset> list_tombstones(const Reader& reader, int sweeps, Micros before, int limit) {
  return all(
      reader.query(NEXUS_SELECT_RAW "WHERE deleted_at IS NOT NULL AND sweeps < 2 AND sweeps = ?1 AND deleted_at < ?2 "
                                    "ORDER BY deleted_at LIMIT ?3",
                   sweeps, before, limit),
      asset_of);
}

#undef NEXUS_SELECT_RAW

void count_sweep(Tx& tx, const RawAsset& tombstone) {
  tx.run(
      "UPDATE raw_assets SET sweeps = sweeps + 1, key = CASE WHEN sweeps = 0 THEN key ELSE '' END, "
      "uri = CASE WHEN sweeps = 0 THEN uri ELSE '' END WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3",
      tombstone.tenant_id, tombstone.env, tombstone.asset_id);
}

bool drop_unregistered(Tx& tx, const RawAsset& asset) {
  return tx.run("DELETE FROM raw_assets WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3 AND status = 'presigned'",
                asset.tenant_id, asset.env, asset.asset_id) > 0;
}

void insert_raw_asset(Tx& tx, const RawAsset& asset) {
  tx.run(
      "INSERT INTO raw_assets (tenant_id, env, asset_id, status, filename, key, uri, content_type, max_bytes, "
      "sha256_stated, sha256_checked, metadata, created_at, created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
      asset.tenant_id, asset.env, asset.asset_id, asset.status, asset.filename, asset.key, asset.uri,
      asset.content_type, asset.max_bytes, asset.sha256_stated, asset.sha256_checked, asset.metadata, asset.created_at,
      asset.created_by);
}

void register_raw_asset(Tx& tx, const RawAsset& asset) {
  tx.run(
      "UPDATE raw_assets SET status = 'registered', content_type = ?4, size_bytes = ?5, sha256 = ?6, "
      "sha256_checked = ?7, metadata = ?8, registered_at = ?9, registered_seq = ?10, etag = ?11, object_version = ?12 "
      "WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3",
      asset.tenant_id, asset.env, asset.asset_id, asset.content_type, asset.size_bytes, asset.sha256,
      asset.sha256_checked, asset.metadata, asset.registered_at, asset.registered_seq, asset.etag,
      asset.object_version);
}

void bury_raw_asset(Tx& tx, const RawAsset& asset, std::string_view key, std::string_view uri, Micros at) {
  tx.run(
      "UPDATE raw_assets SET filename = '', content_type = '', metadata = '{}', key = ?4, uri = ?5, deleted_at = ?6 "
      "WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3",
      asset.tenant_id, asset.env, asset.asset_id, key, uri, at);
}

}  // namespace nexus::store
