#include "daemon/media/artifacts.hpp"

#include <algorithm>
#include <array>

#include "daemon/base/uuid.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/page.hpp"
#include "daemon/media/problems.hpp"
#include "store/media.hpp"

namespace nexus::media {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::MediaArtifact;
namespace schema = http::schema;

constexpr std::array<std::string_view, 12> kKinds = {
    "audio_segment",        "frame",        "thumbnail", "waveform", "mask", "render", "asr_transcript", "visual_meta",
    "video_region_summary", "vector_scene", "cad_model", "other"};
constexpr std::int64_t kMillisecondsMax = (1LL << 53) - 1;
constexpr std::size_t kLabelBytesMax = 256;

Json kinds_schema() { return {{"type", "string"}, {"enum", kKinds}}; }

Json artifact_json(const MediaArtifact& artifact) {
  return make_object({{"tenant_id", artifact.tenant_id},
                      {"env", artifact.env},
                      {"artifact_id", artifact.artifact_id},
                      {"asset_id", artifact.asset_id},
                      {"kind", artifact.kind},
                      {"uri", artifact.uri},
                      {"start_ms", or_null(artifact.start_ms)},
                      {"end_ms", or_null(artifact.end_ms)},
                      {"track_label", or_null(artifact.track_label)},
                      {"meta", Json::parse(artifact.meta)},
                      {"created_at", to_rfc3339(artifact.created_at)},
                      {"created_by", artifact.created_by}});
}

Json artifact_schema() {
  return schema::named("MediaArtifact",
                       schema::object({"tenant_id", "env", "artifact_id", "asset_id", "kind", "uri", "start_ms",
                                       "end_ms", "track_label", "meta", "created_at", "created_by"},
                                      {{"tenant_id", schema::text()},
                                       {"env", schema::env()},
                                       {"artifact_id", schema::text()},
                                       {"asset_id", schema::text()},
                                       {"kind", kinds_schema()},
                                       {"uri", schema::text()},
                                       {"start_ms", schema::nullable(schema::integer(0, kMillisecondsMax))},
                                       {"end_ms", schema::nullable(schema::integer(0, kMillisecondsMax))},
                                       {"track_label", schema::nullable(schema::text())},
                                       {"meta", schema::any_object()},
                                       {"created_at", schema::time()},
                                       {"created_by", schema::text()}}));
}

Json artifact_request_schema() {
  return schema::named(
      "MediaArtifactCreate",
      schema::object({"kind", "uri"}, {{"kind", kinds_schema()},
                                       {"uri", schema::described(schema::pattern("^s3://[!-~]+$"),
                                                                 "s3://{bucket}/{key} of this tenant and env")},
                                       {"start_ms", schema::integer(0, kMillisecondsMax)},
                                       {"end_ms", schema::integer(0, kMillisecondsMax)},
                                       {"track_label", schema::text_between(1, kLabelBytesMax)},
                                       {"meta", schema::any_object(limits::metadata_bytes_max)}}));
}

void judge_uri(const Input& input, const std::string& uri, const blobs::BlobStore& blobs) {
  const auto parsed = blobs::StorageKey::parse_uri(uri);
  if (parsed && parsed->bucket == blobs.bucket() && parsed->key.belongs_to(input.caller.tenant(), input.caller.env()))
    return;
  throw Problem(problems::storage_foreign_prefix, "uri must be the s3:// uri of an object of this tenant and env");
}

MediaArtifact parse_artifact(Input& input, const blobs::BlobStore& blobs) {
  MediaArtifact artifact;
  artifact.asset_id = input.param("asset_id");
  artifact.kind = input.body.text("kind");
  if (std::ranges::find(kKinds, artifact.kind) == kKinds.end() && !artifact.kind.empty())
    input.body.fault("kind", "must be one of the kinds of artifacts (see nexusctl media artifact --help)");
  artifact.uri = input.body.text("uri", {.min = 1, .max = limits::json_body_bytes_max});
  artifact.start_ms = input.body.optional_integer("start_ms", 0, kMillisecondsMax);
  artifact.end_ms = input.body.optional_integer("end_ms", 0, kMillisecondsMax);
  if (artifact.start_ms && artifact.end_ms && *artifact.end_ms < *artifact.start_ms)
    input.body.fault("end_ms", "must not be before start_ms");
  artifact.track_label = input.body.optional_text("track_label", {.min = 1, .max = kLabelBytesMax});
  artifact.meta = to_text(input.body.optional_object("meta", limits::metadata_bytes_max).value_or(Json::object()));
  if (!artifact.uri.empty()) judge_uri(input, artifact.uri, blobs);
  artifact.tenant_id = input.caller.tenant().str();
  artifact.env = to_string(input.caller.env());
  artifact.artifact_id = new_id(input.caller.tenant());
  artifact.created_at = now_micros();
  artifact.created_by = input.caller.user_id;
  return artifact;
}

void require_asset(const store::Reader& reader, const Caller& caller, const std::string& asset_id) {
  if (!store::find_media_asset(reader, caller.realm(), asset_id)) throw Problem(problems::media_asset_not_found);
}

Applied create(store::Tx& tx, const Caller& caller, const MediaArtifact& artifact) {
  require_asset(tx, caller, artifact.asset_id);
  store::insert_media_artifact(tx, artifact);
  return {.json = artifact_json(artifact),
          .subject_type = "media_artifact",
          .subject_id = artifact.artifact_id,
          .details = make_object({{"asset_id", artifact.asset_id}, {"kind", artifact.kind}}),
          .events = {{"media_artifact_created", "media_artifact", artifact.artifact_id,
                      make_object({{"asset_id", artifact.asset_id}, {"kind", artifact.kind}}),
                      make_object({{"uri", artifact.uri}})}},
          .fields = {{"Location", "/media-v2/artifacts/" + artifact.artifact_id}}};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& artifact_id) {
  const auto artifact = store::find_media_artifact(reader, caller.realm(), artifact_id);
  if (!artifact) throw Problem(problems::media_artifact_not_found);
  return {.json = artifact_json(*artifact)};
}

struct List {
  std::string asset_id;
  http::Page page;
};

List parse_list(Input& input) {
  const std::string& asset_id = input.param("asset_id");
  return {asset_id, http::take_page(input, "media_artifacts\n" + asset_id)};
}

Reply list(const store::Reader& reader, const Caller& caller, const List& value) {
  require_asset(reader, caller, value.asset_id);
  auto rows =
      store::list_media_artifacts(reader, caller.realm(), value.asset_id, value.page.mark, value.page.limit + 1);
  return {.json = http::page_json<MediaArtifact>(value.page, std::move(rows), artifact_json,
                                                 [](const MediaArtifact& row) { return row.artifact_id; })};
}

}  // namespace

void add_artifact_routes(http::RouteTable& routes, blobs::BlobStore& blobs) {
  http::Route post = domain::write_route(
      "POST", "/media-v2/assets/{asset_id}/artifacts", "media_artifact_create", "media",
      http::writes([&blobs](Input& input) { return parse_artifact(input, blobs); }, create),
      {"Note what was made of an asset", "media", artifact_request_schema(), artifact_schema(), 201, {}, {404}});
  post.body = http::Body::json;
  post.writes_blobs = true;
  routes.add(std::move(post));
  routes.add(domain::read_route("/media-v2/assets/{asset_id}/artifacts", "media", http::reads(parse_list, list),
                                {"List what was made of an asset",
                                 "media",
                                 {},
                                 schema::page(artifact_schema()),
                                 200,
                                 http::page_parameters(),
                                 {404}}));
  routes.add(domain::read_route("/media-v2/artifacts/{artifact_id}", "media",
                                http::reads([](Input& input) { return input.param("artifact_id"); }, show),
                                {"Show a media artifact", "media", {}, artifact_schema(), 200, {}, {404}}));
}

}  // namespace nexus::media
