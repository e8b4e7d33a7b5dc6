// Raw assets as rows: presigned, registered, and tombstones of deleted ones (which no read answers).
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

struct RawAsset {
  std::string tenant_id;
  std::string env;
  std::string asset_id;
  std::string status;    // presigned | registered
  std::string filename;  // as the client named it
  std::string key;
  std::string uri;
  std::string content_type;
  std::int64_t max_bytes = 0;
  std::optional<std::string> sha256_stated;
  std::optional<std::int64_t> size_bytes;
  std::optional<std::string> sha256;
  bool sha256_checked = false;
  std::string metadata = "{}";  // JSON object
  Micros created_at = 0;
  std::string created_by;
  std::optional<Micros> registered_at;
  std::optional<std::int64_t> registered_seq;
  std::optional<std::string> etag = {};  // these two of the object that was registered
  std::optional<std::string> object_version = {};
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

std::optional<RawAsset> find_raw_asset(const Reader& reader, Realm realm, std::string_view asset_id);
/// Registered ones, newest first, from before `before` ("" for the start).
std::vector<RawAsset> list_raw_assets(const Reader& reader, Realm realm, std::string_view before, int limit);
/// Of all tenants: presigned before `before`, never registered. Oldest first.
std::vector<RawAsset> list_unregistered(const Reader& reader, Micros before, int limit);
/// Removes the row if it is still only presigned; answers whether it was.
bool drop_unregistered(Tx& tx, const RawAsset& asset);
/// Of all tenants: deleted before `before` and swept so many times (0 or 1) since.
std::vector<RawAsset> list_tombstones(const Reader& reader, int sweeps, Micros before, int limit);
void count_sweep(Tx& tx, const RawAsset& tombstone);
void insert_raw_asset(Tx& tx, const RawAsset& asset);
/// Writes what register settles: status, content_type, size_bytes, sha256(_checked), metadata, registered_*, and which
/// object it is.
void register_raw_asset(Tx& tx, const RawAsset& asset);
/// Leaves a tombstone: its size and digest, who and when, and no name or metadata. `key` and `uri` are what the sweeps
/// of its object need; they go with the last one.
void bury_raw_asset(Tx& tx, const RawAsset& asset, std::string_view key, std::string_view uri, Micros at);

}  // namespace nexus::store
