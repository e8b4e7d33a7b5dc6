// The routes of media. An asset is a file that streamed into storage through the gates, or the address of a file
// elsewhere. An artifact is a result made of an asset (a frame, a transcript), kept in the storage of this tenant and
// env.
#include "daemon/domain/services.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/media/problems.hpp"
#include "daemon/media/source_uri.hpp"
#include "daemon/media/store.hpp"
#include "store/objects.hpp"

namespace nexus::media {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

const http::Surface kMedia{.name = "media", .read_action = "media_read"};

// ---- upload ---------------------------------------------------------------------------------------------------------

/// Shared by an upload and a remote asset.
MediaAsset take_description(Input& input) { return model::take_new(kMediaAsset, input.body).value; }

Applied made(const MediaAsset& asset, const char* event, Json details) {
  return {.json = http::row_json<kMediaAsset>(asset),
          .subject_type = "media_asset",
          .subject_id = asset.asset_id,
          .details = std::move(details),
          .events = {{event, "media_asset", asset.asset_id, model::json_of(kMediaAsset, asset, {"kind", "tags"}),
                      model::json_of(kMediaAsset, asset, {"uri", "size_bytes"})}},
          .fields = {{"Location", "/media-v2/assets/" + asset.asset_id}}};
}

std::string kind_of(std::string_view content_type) {
  for (const char* kind : {"video", "audio", "image"})
    if (content_type.starts_with(std::string(kind) + "/")) return kind;
  return "other";
}

Applied upload(store::Tx& tx, const Caller& caller, const MediaAsset& described, const http::StoredFile& file) {
  MediaAsset asset = domain::made_by(caller, described);
  asset.asset_id = file.id;
  if (asset.kind.empty()) asset.kind = kind_of(file.content_type);
  domain::keep_file(asset, file);
  if (domain::stored_filename(*asset.key) != file.filename)
    asset.meta = to_text(domain::with_original_filename(parse_own_json(asset.meta), *asset.key, file.filename));
  insert_asset(tx, asset);
  return made(asset, "media_asset_uploaded", model::json_of(kMediaAsset, asset, {"size_bytes", "sha256"}));
}

// ---- remote ---------------------------------------------------------------------------------------------------------

MediaAsset parse_remote(Input& input, blobs::BlobStore& blobs) {
  // The length is judged together with the other rules of a URI.
  const std::string uri = input.body.text("source_uri", {.min = 1, .max = limits::json_body_bytes_max});
  MediaAsset asset = domain::made_by(input.caller, take_description(input));
  if (uri.empty()) return asset;
  if (is_ours(uri, blobs, input.caller.tenant(), input.caller.env(), input.base_url))
    throw Problem(problems::storage_foreign_prefix, "source_uri leads into our own storage: upload the file instead");
  if (const auto fault = source_uri_fault(uri, input.caller.env())) input.body.fault("source_uri", *fault);
  asset.asset_id = new_id(input.caller.tenant());
  if (asset.kind.empty()) asset.kind = "other";
  asset.uri = uri;
  asset.source_uri = uri;
  return asset;
}

Applied register_remote(store::Tx& tx, const Caller&, const MediaAsset& asset) {
  insert_asset(tx, asset);
  return made(asset, "media_asset_registered", make_object({{"kind", asset.kind}, {"remote", true}}));
}

// ---- read, list, download, delete -----------------------------------------------------------------------------------

MediaAsset find(const store::Reader& reader, const Caller& caller, const std::string& asset_id) {
  return found(store::find_row<kMediaAsset>(reader, caller.realm(), asset_id), problems::media_asset_not_found);
}

struct List {
  http::Page page;
  Filter filter;
};

List parse_list(Input& input) {
  return {http::take_page(input, "media_assets"),
          {.kind = input.query.optional_choice("kind", kMediaKinds),
           .tag = input.query.optional_name("tag", {.min = 1, .max = limits::media_tag_bytes_max}, NameForm::label),
           .source_ref = input.query.optional_text("source_ref")}};
}

Reply list(const store::Reader& reader, const Caller& caller, const List& value) {
  auto rows = list_assets(reader, caller.realm(), value.filter, value.page.mark, value.page.limit + 1);
  return {.json = http::page_json<MediaAsset>(value.page, std::move(rows), http::row_json<kMediaAsset>,
                                              store::id_of<kMediaAsset>)};
}

domain::Downloadable find_download(const store::Reader& reader, const Caller& caller, const http::PathParams& path) {
  const MediaAsset asset = find(reader, caller, path.at("asset_id"));
  if (!asset.key) throw Problem(problems::media_remote, "fetch it from its source_uri");
  return {{domain::own_key(caller, *asset.key), asset.filename.value_or(""), asset.content_type.value_or("")}};
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& asset_id, blobs::BlobStore& blobs) {
  const MediaAsset asset = find(tx, caller, asset_id);
  domain::require_creator_or_admin(caller, asset.created_by, "an asset");
  bury_asset(tx, asset, now_micros());
  Applied out = http::deleted("media_asset", asset_id, "media_asset_deleted");
  if (!asset.key) return out;
  // Noted first: if a crash prevents the removal, the sweep removes the object.
  store::note_pending_object(tx, *asset.key, now_micros());
  out.after_commit = [&blobs, text = *asset.key,
                      realms = store::Realms().add(caller.realm())](store::Database& database) {
    if (const auto key = blobs::StorageKey::parse(text)) blobs.remove(*key, {});
    database.writer().run([&](store::Tx& unit) { store::drop_pending_object(unit, text); }, realms);
  };
  return out;
}

// ---- artifacts ------------------------------------------------------------------------------------------------------

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

Applied create_artifact(store::Tx& tx, const Caller& caller, const MediaArtifact& artifact) {
  require_asset(tx, caller, artifact.asset_id);
  store::insert_row<kMediaArtifact>(tx, artifact);
  const Json told = model::json_of(kMediaArtifact, artifact, {"asset_id", "kind"});
  return {.json = http::row_json<kMediaArtifact>(artifact),
          .subject_type = "media_artifact",
          .subject_id = artifact.artifact_id,
          .details = told,
          .events = {{"media_artifact_created", "media_artifact", artifact.artifact_id, told,
                      model::json_of(kMediaArtifact, artifact, {"uri"})}},
          .fields = {{"Location", "/media-v2/artifacts/" + artifact.artifact_id}}};
}

// ---- routes ---------------------------------------------------------------------------------------------------------

std::vector<http::QueryParameter> list_parameters() {
  auto parameters = http::page_parameters();
  parameters.push_back({"kind", "Only of this kind", schema::choice(kMediaKinds)});
  parameters.push_back({"tag", "Only with this tag", schema::label(limits::media_tag_bytes_max)});
  parameters.push_back({"source_ref", "Only with this source_ref", schema::text_between(1, 1024)});
  return parameters;
}

Json remote_request_schema() {
  Json uri = schema::described(schema::pattern("^https://[a-z0-9.-]*[a-z][a-z0-9-]*(/[A-Za-z0-9._~/-]*)?$"),
                               "an https: URI with a host and without a user (http: in env dev too)");
  uri["maxLength"] = limits::source_uri_bytes_max;
  Json out = schema::named("MediaAssetRegister", model::create_schema(kMediaAsset));
  out["properties"]["source_uri"] = std::move(uri);
  out["required"] = {"source_uri"};
  return out;
}

/// A form holds only texts.
Json upload_form_schema() {
  Json tags = schema::described(schema::labels(limits::media_tags_max),
                                "tags between commas, each once; may be sent several times");
  const std::string some = tags["pattern"];
  tags["pattern"] = "^(" + some.substr(1, some.size() - 2) + ")?$";  // an empty field holds no tags
  tags["x-max-bytes"] = limits::media_tags_max * (limits::media_tag_bytes_max + 1);
  tags["maxLength"] = limits::media_tag_bytes_max / 4;  // short enough even if all of it is one tag
  Json meta = schema::text_between(2, limits::metadata_bytes_max);
  meta["pattern"] = "^[{][^\\u0000]*[}]$";
  meta["description"] = "a JSON object of at most " + std::to_string(limits::metadata_bytes_max) + " bytes";
  meta["example"] = "{}";
  Json out = schema::named("MediaUpload", model::create_schema(kMediaAsset));
  out["properties"].update({{"file", schema::file()},
                            {"tags", std::move(tags)},
                            {"source_ref", schema::text_between(1, 1024)},
                            {"meta", std::move(meta)}});
  out["required"] = {"file"};
  return out;
}

void add_asset_routes(http::RouteTable& routes, blobs::BlobStore& blobs, std::uint64_t upload_bytes_max) {
  const std::string all = "/media-v2/assets", one = all + "/{asset_id}";
  const Json shape = model::answer_schema(kMediaAsset);
  routes.add(kMedia.upload(
      all, "media_upload",
      {.blobs = &blobs,
       .plane = blobs::Plane::media_v2,
       .file_bytes_max = upload_bytes_max,
       .lists = {"tags"},
       .documents = {"meta"},
       .parse = http::receives(take_description, upload),
       .json = http::writes([&blobs](Input& input) { return parse_remote(input, blobs); }, register_remote)},
      {.summary = "Upload a media file, or register a remote one",
       .request = remote_request_schema(),
       .response = shape,
       .refusals = {503, 507},
       .form = upload_form_schema()}));
  routes.add(kMedia.get(all, http::reads(parse_list, list),
                        {.summary = "List media assets", .response = schema::page(shape), .query = list_parameters()}));
  routes.add(kMedia.show(one, http::row<kMediaAsset>("asset_id", problems::media_asset_not_found),
                         {.summary = "Show a media asset", .response = shape}));
  routes.add(domain::download_route(kMedia, one, blobs, find_download, {409}));
  routes.add(kMedia.remove(
      one, "media_delete",
      http::writes(http::param("asset_id"), [&blobs](store::Tx& tx, const Caller& caller,
                                                     const std::string& id) { return remove(tx, caller, id, blobs); }),
      {.summary = "Delete a media asset: its creator or an admin"}));
}

void add_artifact_routes(http::RouteTable& routes, blobs::BlobStore& blobs) {
  const Json shape = model::answer_schema(kMediaArtifact);
  const std::string of_asset = "/media-v2/assets/{asset_id}/artifacts";
  routes.add(http::into_storage(
      kMedia.create(of_asset, "media_artifact_create",
                    http::writes([&blobs](Input& input) { return parse_artifact(input, blobs); }, create_artifact),
                    {.summary = "Note what was made of an asset",
                     .request = model::create_schema(kMediaArtifact),
                     .response = shape,
                     .refusals = {404}})));
  routes.add(kMedia.show(
      of_asset, http::newest_of<kMediaArtifact, &MediaArtifact::asset_id>("media_artifacts", "asset_id", require_asset),
      {.summary = "List what was made of an asset",
       .response = schema::page(shape),
       .query = http::page_parameters()}));
  routes.add(kMedia.show("/media-v2/artifacts/{artifact_id}",
                         http::row<kMediaArtifact>("artifact_id", problems::media_artifact_not_found),
                         {.summary = "Show a media artifact", .response = shape}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("media", "Media assets and what was made of them");
  add_asset_routes(routes, services.blobs, services.upload_bytes_max);
  add_artifact_routes(routes, services.blobs);
}

}  // namespace nexus::media
