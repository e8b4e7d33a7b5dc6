#include "daemon/raw/raw_json.hpp"

#include "daemon/limits.hpp"
#include "daemon/raw/limits.hpp"

namespace nexus::raw {
namespace {

namespace schema = http::schema;

}  // namespace

std::string stored_filename(const store::RawAsset& asset) { return asset.key.substr(asset.key.rfind('/') + 1); }

Json raw_json(const store::RawAsset& asset) {
  return make_object({{"tenant_id", asset.tenant_id},
                      {"env", asset.env},
                      {"asset_id", asset.asset_id},
                      {"status", asset.status},
                      {"filename", stored_filename(asset)},
                      {"key", asset.key},
                      {"uri", asset.uri},
                      {"content_type", asset.content_type},
                      {"size_bytes", or_null(asset.size_bytes)},
                      {"sha256", or_null(asset.sha256)},
                      {"sha256_checked", asset.sha256_checked},
                      {"metadata", Json::parse(asset.metadata)},
                      {"created_at", to_rfc3339(asset.created_at)},
                      {"created_by", asset.created_by}});
}

Json merged_metadata(const store::RawAsset& asset, const Json& sent) {
  Json merged = sent;
  if (stored_filename(asset) != asset.filename && !merged.contains("original_filename"))
    merged["original_filename"] = asset.filename;
  return merged;
}

Json raw_schema() {
  return schema::object({"tenant_id", "env", "asset_id", "status", "filename", "key", "uri", "content_type",
                         "size_bytes", "sha256", "sha256_checked", "metadata", "created_at", "created_by"},
                        {{"tenant_id", schema::text()},
                         {"env", schema::choice({"dev", "staging", "prod"})},
                         {"asset_id", schema::text()},
                         {"status", schema::choice({"presigned", "registered"})},
                         {"filename", schema::text()},
                         {"key", schema::text()},
                         {"uri", schema::text()},
                         {"content_type", schema::text()},
                         {"size_bytes", schema::nullable(schema::integer(0, limits::upload_bytes_hard_max))},
                         {"sha256", schema::nullable(schema::sha256())},
                         {"sha256_checked", schema::boolean()},
                         {"metadata", schema::any_object()},
                         {"created_at", schema::time()},
                         {"created_by", schema::text()}});
}

Json presign_schema() {
  return schema::object({"asset_id", "url", "fields", "filename", "key", "uri", "expires_at"},
                        {{"asset_id", schema::text()},
                         {"url", schema::text("where the form is posted to")},
                         {"fields", schema::any_object()},
                         {"filename", schema::text()},
                         {"key", schema::text()},
                         {"uri", schema::text()},
                         {"expires_at", schema::time()}});
}

Json presign_request_schema() {
  return schema::object({"filename"}, {{"filename", schema::text_between(1, limits::filename_bytes_max)},
                                       {"content_type", schema::text_between(1, 255)},
                                       {"max_bytes", schema::integer(1, limits::upload_bytes_hard_max)},
                                       {"sha256", schema::sha256()}});
}

Json register_request_schema() {
  return schema::object({"asset_id", "filename"}, {{"asset_id", schema::text_between(1, 128)},
                                                   {"filename", schema::text_between(1, limits::filename_bytes_max)},
                                                   {"content_type", schema::text_between(1, 255)},
                                                   {"size_bytes", schema::integer(0, limits::upload_bytes_hard_max)},
                                                   {"sha256", schema::sha256()},
                                                   {"metadata", schema::any_object()}});
}

}  // namespace nexus::raw
