#include "daemon/media/assets_json.hpp"

#include "daemon/domain/labels_schema.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/limits.hpp"
#include "daemon/media/limits.hpp"

namespace nexus::media {
namespace {

namespace schema = http::schema;

Json kind_schema() { return schema::choice({"video", "audio", "image", "other"}); }
Json tags_schema() {
  Json tags = schema::list(schema::label(limits::media_tag_bytes_max), limits::media_tags_max);
  tags["uniqueItems"] = true;
  return tags;
}

}  // namespace

Json asset_json(const store::MediaAsset& asset) {
  return make_object({{"tenant_id", asset.tenant_id},
                      {"env", asset.env},
                      {"asset_id", asset.asset_id},
                      {"kind", asset.kind},
                      {"uri", asset.uri},
                      {"key", or_null(asset.key)},
                      {"source_uri", or_null(asset.source_uri)},
                      {"content_type", or_null(asset.content_type)},
                      {"size_bytes", or_null(asset.size_bytes)},
                      {"sha256", or_null(asset.sha256)},
                      {"tags", asset.tags},
                      {"source_ref", or_null(asset.source_ref)},
                      {"meta", Json::parse(asset.meta)},
                      {"created_at", to_rfc3339(asset.created_at)},
                      {"created_by", asset.created_by}});
}

Json asset_schema() {
  return schema::named(
      "MediaAsset", schema::object({"tenant_id", "env", "asset_id", "kind", "uri", "key", "source_uri", "content_type",
                                    "size_bytes", "sha256", "tags", "source_ref", "meta", "created_at", "created_by"},
                                   {{"tenant_id", schema::text()},
                                    {"env", schema::env()},
                                    {"asset_id", schema::text()},
                                    {"kind", kind_schema()},
                                    {"uri", schema::text()},
                                    {"key", schema::nullable(schema::text())},
                                    {"source_uri", schema::nullable(schema::text())},
                                    {"content_type", schema::nullable(schema::text())},
                                    {"size_bytes", schema::nullable(schema::integer(0, limits::upload_bytes_hard_max))},
                                    {"sha256", schema::nullable(schema::sha256())},
                                    {"tags", schema::list(schema::text())},
                                    {"source_ref", schema::nullable(schema::text())},
                                    {"meta", schema::any_object()},
                                    {"created_at", schema::time()},
                                    {"created_by", schema::text()}}));
}

Json remote_request_schema() {
  Json uri = schema::described(schema::pattern("^https://[a-z0-9.-]*[a-z][a-z0-9-]*(/[A-Za-z0-9._~/-]*)?$"),
                               "an https: URI with a host and without a user (http: in env dev too)");
  uri["maxLength"] = limits::source_uri_bytes_max;
  return schema::named("MediaAssetRegister",
                       schema::object({"source_uri"}, {{"source_uri", std::move(uri)},
                                                       {"kind", kind_schema()},
                                                       {"tags", tags_schema()},
                                                       {"source_ref", schema::text_between(1, 1024)},
                                                       {"meta", schema::any_object(limits::metadata_bytes_max)}}));
}

Json upload_form_schema() {
  Json tags = schema::described(domain::labels_schema(limits::media_tags_max),
                                "tags between commas, each once; may be sent several times");
  const std::string some = tags["pattern"];
  tags["pattern"] = "^(" + some.substr(1, some.size() - 2) + ")?$";  // an empty field holds none
  tags["x-max-bytes"] = limits::media_tags_max * (limits::media_tag_bytes_max + 1);
  tags["maxLength"] = limits::media_tag_bytes_max / 4;  // all as one tag: what always fits
  Json meta = schema::text_between(2, limits::metadata_bytes_max);
  meta["pattern"] = "^[{][^\\u0000]*[}]$";
  meta["description"] = "a JSON object of at most " + std::to_string(limits::metadata_bytes_max) + " bytes";
  meta["example"] = "{}";
  return schema::named("MediaUpload", schema::object({"file"}, {{"file", schema::file()},
                                                                {"kind", kind_schema()},
                                                                {"tags", std::move(tags)},
                                                                {"source_ref", schema::text_between(1, 1024)},
                                                                {"meta", std::move(meta)}}));
}

}  // namespace nexus::media
