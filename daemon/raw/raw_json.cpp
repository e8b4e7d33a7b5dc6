#include "daemon/raw/raw_json.hpp"

#include <algorithm>

#include "daemon/domain/stored_objects.hpp"
#include "daemon/model/json.hpp"
#include "daemon/raw/limits.hpp"

namespace nexus::raw {
namespace {

namespace schema = http::schema;

/// type/subtype, with parameters or without.
constexpr const char* kContentType = "^[A-Za-z0-9.+_-]{1,100}/[A-Za-z0-9.+_-]{1,100}(;[ -~]{0,50}[!-~])?$";

}  // namespace

Json raw_json(const store::RawAsset& asset) {
  Json out = model::json_of(store::kRawAsset, asset);
  out["filename"] = domain::stored_filename(asset.key);
  return out;
}

Json presign_schema() {
  const Json fields = {{"type", "object"}, {"additionalProperties", schema::text()}};
  return schema::named("PresignedUpload",
                       schema::whole({{"asset_id", schema::text()},
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
