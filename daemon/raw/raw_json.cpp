#include "daemon/raw/raw_json.hpp"

#include <algorithm>

#include "daemon/limits.hpp"
#include "daemon/raw/limits.hpp"

namespace nexus::raw {
namespace {

namespace schema = http::schema;

/// type/subtype, with parameters or without.
constexpr const char* kContentType = "^[A-Za-z0-9.+_-]{1,100}/[A-Za-z0-9.+_-]{1,100}(;[ -~]{0,50}[!-~])?$";

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
  return schema::named(
      "RawAsset", schema::object({"tenant_id", "env", "asset_id", "status", "filename", "key", "uri", "content_type",
                                  "size_bytes", "sha256", "sha256_checked", "metadata", "created_at", "created_by"},
                                 {{"tenant_id", schema::text()},
                                  {"env", schema::env()},
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
                                  {"created_by", schema::text()}}));
}

Json presign_schema() {
  const Json fields = {{"type", "object"}, {"additionalProperties", schema::text()}};
  return schema::named("PresignedUpload",
                       schema::object({"asset_id", "url", "fields", "filename", "key", "uri", "expires_at"},
                                      {{"asset_id", schema::text()},
                                       {"url", schema::text("where the form is posted to")},
                                       {"fields", schema::described(fields, "fields of the form, before its file")},
                                       {"filename", schema::text()},
                                       {"key", schema::text()},
                                       {"uri", schema::text()},
                                       {"expires_at", schema::time()}}));
}

Json presign_request_schema(std::uint64_t bytes_max) {
  return schema::named(
      "PresignedUploadCreate",
      schema::object(
          {"filename"},
          {{"filename", schema::text_between(1, limits::filename_bytes_max)},
           {"content_type", schema::defaults_to(schema::pattern(kContentType), "application/octet-stream")},
           {"max_bytes", schema::defaults_to(schema::integer(1, static_cast<std::int64_t>(bytes_max)),
                                             std::min<std::uint64_t>(limits::upload_bytes_default, bytes_max))},
           {"sha256", schema::sha256()}}));
}

Json register_request_schema() {
  return schema::named(
      "RawAssetRegister",
      schema::object({"asset_id", "filename"}, {{"asset_id", schema::pattern(schema::kClientId)},
                                                {"filename", schema::text_between(1, limits::filename_bytes_max)},
                                                {"content_type", schema::pattern(kContentType)},
                                                {"size_bytes", schema::integer(0, limits::upload_bytes_hard_max)},
                                                {"sha256", schema::sha256()},
                                                {"metadata", schema::any_object(limits::metadata_bytes_max)}}));
}

}  // namespace nexus::raw
