#include "daemon/media/artifacts.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/media/problems.hpp"
#include "daemon/media/store.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"
#include "store/model_rows.hpp"

namespace nexus::media {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

Json artifact_json(const MediaArtifact& artifact) { return model::json_of(kMediaArtifact, artifact); }

void judge_uri(const Input& input, const std::string& uri, const blobs::BlobStore& blobs) {
  const auto parsed = blobs::StorageKey::parse_uri(uri);
  if (parsed && parsed->bucket == blobs.bucket() && parsed->key.belongs_to(input.caller.tenant(), input.caller.env()))
    return;
  throw Problem(problems::storage_foreign_prefix, "uri must be the s3:// uri of an object of this tenant and env");
}

MediaArtifact parse_artifact(Input& input, const blobs::BlobStore& blobs) {
  auto artifact = domain::made_by(input.caller, model::take_new(kMediaArtifact, input.body).value);
  artifact.artifact_id = new_id(input.caller.tenant());
  artifact.asset_id = input.param("asset_id");
  if (artifact.start_ms && artifact.end_ms && *artifact.end_ms < *artifact.start_ms)
    input.body.fault("end_ms", "must not be before start_ms");
  if (!artifact.uri.empty()) judge_uri(input, artifact.uri, blobs);
  return artifact;
}

void require_asset(const store::Reader& reader, const Caller& caller, const std::string& asset_id) {
  if (!store::has_row<kMediaAsset>(reader, caller.realm(), asset_id)) throw Problem(problems::media_asset_not_found);
}

Applied create(store::Tx& tx, const Caller& caller, const MediaArtifact& artifact) {
  require_asset(tx, caller, artifact.asset_id);
  store::insert_row<kMediaArtifact>(tx, artifact);
  const Json told = model::json_of(kMediaArtifact, artifact, {"asset_id", "kind"});
  return {.json = artifact_json(artifact),
          .subject_type = "media_artifact",
          .subject_id = artifact.artifact_id,
          .details = told,
          .events = {{"media_artifact_created", "media_artifact", artifact.artifact_id, told,
                      model::json_of(kMediaArtifact, artifact, {"uri"})}},
          .fields = {{"Location", "/media-v2/artifacts/" + artifact.artifact_id}}};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& artifact_id) {
  const auto artifact = store::find_row<kMediaArtifact>(reader, caller.realm(), artifact_id);
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
  auto rows = store::list_newest_of<kMediaArtifact, &MediaArtifact::asset_id>(reader, caller.realm(), value.asset_id,
                                                                              value.page.mark, value.page.limit + 1);
  return {.json = http::page_json<MediaArtifact>(value.page, std::move(rows), artifact_json,
                                                 [](const MediaArtifact& row) { return row.artifact_id; })};
}

}  // namespace

void add_artifact_routes(http::RouteTable& routes, blobs::BlobStore& blobs) {
  const http::Surface surface{.name = "media", .read_action = "media_read"};
  const Json shape = model::answer_schema(kMediaArtifact);
  const std::string of_asset = "/media-v2/assets/{asset_id}/artifacts";
  routes.add(http::into_storage(
      surface.create(of_asset, "media_artifact_create",
                     http::writes([&blobs](Input& input) { return parse_artifact(input, blobs); }, create),
                     {.summary = "Note what was made of an asset",
                      .request = model::create_schema(kMediaArtifact),
                      .response = shape,
                      .refusals = {404}})));
  routes.add(surface.show(of_asset, http::reads(parse_list, list),
                          {.summary = "List what was made of an asset",
                           .response = schema::page(shape),
                           .query = http::page_parameters()}));
  routes.add(surface.show("/media-v2/artifacts/{artifact_id}",
                          http::reads([](Input& input) { return input.param("artifact_id"); }, show),
                          {.summary = "Show a media artifact", .response = shape}));
}

}  // namespace nexus::media
