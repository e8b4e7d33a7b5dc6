// Raw assets as rows: presigned, registered, and tombstones of deleted ones (which no read returns). All other
// statements are derived from the table (store/model_rows.hpp).
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/model/field.hpp"
#include "store/query.hpp"

namespace nexus::store {

struct RawAsset {
  std::string tenant_id;
  std::string env;
  std::string asset_id;
  std::string status;
  std::string filename;  // the client's name; answers show the name under which the file is stored
  std::string key;
  std::string uri;
  std::string content_type;
  std::int64_t max_bytes = 0;
  std::optional<std::string> sha256_stated;
  std::optional<std::int64_t> size_bytes;
  std::optional<std::string> sha256;
  bool sha256_checked = false;
  std::string metadata = "{}";
  Micros created_at = 0;
  std::string created_by;
  std::optional<Micros> registered_at;
  std::optional<std::int64_t> registered_seq;
  std::optional<std::string> etag = {};  // this and object_version are the registered object's
  std::optional<std::string> object_version = {};
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

inline constexpr std::string_view kRawStatuses[] = {"presigned", "registered"};

inline constexpr model::Table kRawAsset{"RawAsset", "raw_assets",
                                        std::array{model::tenant(&RawAsset::tenant_id),
                                                   model::env(&RawAsset::env),
                                                   model::id("asset_id", &RawAsset::asset_id),
                                                   model::made("status", &RawAsset::status, {.choices = kRawStatuses}),
                                                   model::made("filename", &RawAsset::filename),
                                                   model::made("key", &RawAsset::key),
                                                   model::made("uri", &RawAsset::uri),
                                                   model::made("content_type", &RawAsset::content_type),
                                                   model::hidden("max_bytes", &RawAsset::max_bytes),
                                                   model::hidden("sha256_stated", &RawAsset::sha256_stated),
                                                   model::made("size_bytes", &RawAsset::size_bytes),
                                                   model::made("sha256", &RawAsset::sha256),
                                                   model::made("sha256_checked", &RawAsset::sha256_checked),
                                                   model::made(model::document("metadata", &RawAsset::metadata, {})),
                                                   model::made_time("created_at", &RawAsset::created_at),
                                                   model::made("created_by", &RawAsset::created_by),
                                                   model::hidden("registered_at", &RawAsset::registered_at),
                                                   model::hidden("registered_seq", &RawAsset::registered_seq),
                                                   model::hidden("etag", &RawAsset::etag),
                                                   model::hidden("object_version", &RawAsset::object_version)},
                                        "deleted_at IS NULL"};

/// Registered assets, newest first, from below the id `before` ("" for the start).
std::vector<RawAsset> list_raw_assets(const Reader& reader, Realm realm, std::string_view before, int limit);
/// Assets of all tenants that were presigned before `before` and never registered, oldest first.
std::vector<RawAsset> list_unregistered(const Reader& reader, Micros before, int limit);
/// Removes the row if it is still only presigned. Returns whether it was.
bool drop_unregistered(Tx& tx, const RawAsset& asset);
/// How many there are, up to kCountMax (retention.hpp).
std::int64_t count_unregistered(const Reader& reader, Micros before);
/// Assets of all tenants that were deleted before `before` and swept `sweeps` times (0 or 1) since, oldest first,
/// without the first `skipped`.
std::vector<RawAsset> list_tombstones(const Reader& reader, int sweeps, Micros before, int limit, int skipped = 0);
std::int64_t count_tombstones(const Reader& reader, int sweeps, Micros before);
void count_sweep(Tx& tx, const RawAsset& tombstone);
/// Leaves a tombstone that keeps size, digest, who and when, but no name or metadata. The sweeps of its object need
/// `key` and `uri`, which the last sweep removes.
void bury_raw_asset(Tx& tx, const RawAsset& asset, std::string_view key, std::string_view uri, Micros at);

}  // namespace nexus::store
