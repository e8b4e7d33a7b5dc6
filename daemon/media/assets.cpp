// A media asset is a file that streamed into storage through the gates, or the address of one that lives elsewhere.
#include "daemon/media/assets.hpp"
#include "daemon/guard/problems.hpp"

#include <algorithm>

#include "daemon/base/uuid.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/page.hpp"
#include "daemon/media/assets_json.hpp"
#include "daemon/media/limits.hpp"
#include "daemon/media/problems.hpp"
#include "daemon/media/source_uri.hpp"
#include "store/media.hpp"
#include "store/pending_objects.hpp"

namespace nexus::media {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::MediaAsset;
namespace schema = http::schema;

// ---- what an upload and a remote asset share ------------------------------------------------------------------------

struct Description {
  std::optional<std::string> kind, source_ref;
  std::vector<std::string> tags;
  Json meta = Json::object();
};

std::optional<std::string> tag_fault(const std::vector<std::string>& tags) {
  for (const auto& tag : tags)
    if (tag.find(',') != std::string::npos) return "a tag holds no comma";
  auto sorted = tags;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) return "a tag is named twice";
  return std::nullopt;
}

Description take_description(Input& input) {
  Description value;
  value.kind = input.body.optional_choice("kind", {"video", "audio", "image", "other"});
  value.tags = input.body
                   .optional_names("tags", limits::media_tags_max, {.min = 1, .max = limits::media_tag_bytes_max},
                                   NameForm::label)
                   .value_or(std::vector<std::string>{});
  if (const auto fault = tag_fault(value.tags)) input.body.fault("tags", *fault);
  value.source_ref = input.body.optional_text("source_ref");
  value.meta = input.body.optional_object("meta", limits::metadata_bytes_max).value_or(Json::object());
  return value;
}

MediaAsset asset_of(const Caller& caller, const Description& description, std::string asset_id) {
  MediaAsset asset;
  asset.tenant_id = caller.tenant().str();
  asset.env = to_string(caller.env());
  asset.asset_id = std::move(asset_id);
  asset.source_ref = description.source_ref;
  asset.tags = description.tags;
  asset.meta = to_text(description.meta);
  asset.created_at = now_micros();
  asset.created_by = caller.user_id;
  return asset;
}

Applied made(const MediaAsset& asset, const char* event, Json details) {
  return {.json = asset_json(asset),
          .subject_type = "media_asset",
          .subject_id = asset.asset_id,
          .details = std::move(details),
          .events = {{event, "media_asset", asset.asset_id, make_object({{"kind", asset.kind}, {"tags", asset.tags}}),
                      make_object({{"uri", asset.uri}, {"size_bytes", or_null(asset.size_bytes)}})}},
          .fields = {{"Location", "/media-v2/assets/" + asset.asset_id}}};
}

// ---- upload ---------------------------------------------------------------------------------------------------------

std::string kind_of(std::string_view content_type) {
  for (const char* kind : {"video", "audio", "image"})
    if (content_type.starts_with(std::string(kind) + "/")) return kind;
  return "other";
}

Applied upload(store::Tx& tx, const Caller& caller, const Description& value, const http::StoredFile& file) {
  MediaAsset asset = asset_of(caller, value, file.id);
  asset.kind = value.kind.value_or(kind_of(file.content_type));
  asset.filename = file.filename;
  asset.key = file.key.str();
  asset.uri = file.uri;
  asset.content_type = file.content_type;
  asset.size_bytes = static_cast<std::int64_t>(file.info.size);
  if (!file.info.sha256.empty()) asset.sha256 = file.info.sha256;
  if (file.key.filename() != file.filename && !value.meta.contains("original_filename")) {
    Json meta = value.meta;
    meta["original_filename"] = file.filename;
    asset.meta = to_text(meta);
  }
  store::insert_media_asset(tx, asset);
  return made(asset, "media_asset_uploaded",
              make_object({{"size_bytes", *asset.size_bytes}, {"sha256", or_null(asset.sha256)}}));
}

// ---- remote ---------------------------------------------------------------------------------------------------------

struct Remote {
  std::string source_uri;
  Description description;
};

Remote parse_remote(Input& input, blobs::BlobStore& blobs) {
  // The length is judged with the rest of what can be wrong with a URI.
  Remote value{input.body.text("source_uri", {.min = 1, .max = limits::json_body_bytes_max}), take_description(input)};
  if (value.source_uri.empty()) return value;
  if (is_ours(value.source_uri, blobs, input.caller.tenant(), input.caller.env(), input.base_url))
    throw Problem(problems::storage_foreign_prefix, "source_uri leads into our own storage: upload the file instead");
  if (const auto fault = source_uri_fault(value.source_uri, input.caller.env())) input.body.fault("source_uri", *fault);
  return value;
}

Applied register_remote(store::Tx& tx, const Caller& caller, const Remote& value) {
  MediaAsset asset = asset_of(caller, value.description, new_id(caller.tenant()));
  asset.kind = value.description.kind.value_or("other");
  asset.uri = value.source_uri;
  asset.source_uri = value.source_uri;
  store::insert_media_asset(tx, asset);
  return made(asset, "media_asset_registered", make_object({{"kind", asset.kind}, {"remote", true}}));
}

// ---- read, list, download, delete -----------------------------------------------------------------------------------

MediaAsset find(const store::Reader& reader, const Caller& caller, const std::string& asset_id) {
  auto asset = store::find_media_asset(reader, caller.realm(), asset_id);
  if (!asset) throw Problem(problems::media_asset_not_found);
  return std::move(*asset);
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& asset_id) {
  return {.json = asset_json(find(reader, caller, asset_id))};
}

struct List {
  http::Page page;
  store::MediaFilter filter;
};

List parse_list(Input& input) {
  return {http::take_page(input, "media_assets"),
          {.kind = input.query.optional_choice("kind", {"video", "audio", "image", "other"}),
           .tag = input.query.optional_name("tag", {.min = 1, .max = limits::media_tag_bytes_max}, NameForm::label),
           .source_ref = input.query.optional_text("source_ref")}};
}

Reply list(const store::Reader& reader, const Caller& caller, const List& value) {
  auto rows = store::list_media_assets(reader, caller.realm(), value.filter, value.page.mark, value.page.limit + 1);
  return {.json = http::page_json<MediaAsset>(value.page, std::move(rows), asset_json,
                                              [](const MediaAsset& row) { return row.asset_id; })};
}

Reply download(const store::Reader& reader, const Caller& caller, const domain::Download& value,
               blobs::BlobStore& blobs) {
  const MediaAsset asset = find(reader, caller, value.id);
  if (!asset.key) throw Problem(problems::media_remote, "fetch it from its source_uri");
  return domain::redirect_to(blobs, caller, *asset.key, asset.filename.value_or(""), asset.content_type.value_or(""),
                             value.base_url);
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& asset_id, blobs::BlobStore& blobs) {
  const MediaAsset asset = find(tx, caller, asset_id);
  if (*caller.role < Role::admin && asset.created_by != caller.user_id)
    throw Problem(problems::auth_insufficient_role, "only its creator or an admin deletes an asset");
  store::bury_media_asset(tx, asset, now_micros());
  Applied out{.json = nullptr,
              .subject_type = "media_asset",
              .subject_id = asset_id,
              .events = {{"media_asset_deleted", "media_asset", asset_id, Json::object(), Json::object()}},
              .status = 204};
  if (!asset.key) return out;
  // Noted too, so that a crash before the removal leaves it to the sweep.
  store::note_pending_object(tx, *asset.key, now_micros());
  out.after_commit = [&blobs, text = *asset.key](store::Database& database) {
    if (const auto key = blobs::StorageKey::parse(text)) blobs.remove(*key, {});
    database.writer().run([&](store::Tx& unit) { store::drop_pending_object(unit, text); });
  };
  return out;
}

std::vector<http::QueryParameter> list_parameters() {
  auto parameters = http::page_parameters();
  parameters.push_back({"kind", "Only of this kind", schema::choice({"video", "audio", "image", "other"})});
  parameters.push_back({"tag", "Only with this tag", schema::label(limits::media_tag_bytes_max)});
  parameters.push_back({"source_ref", "Only with this source_ref", schema::text_between(1, 1024)});
  return parameters;
}

}  // namespace

void add_asset_routes(http::RouteTable& routes, blobs::BlobStore& blobs, std::uint64_t upload_bytes_max) {
  const auto asset_id = [](Input& input) { return input.param("asset_id"); };
  http::FormHandler form{
      .blobs = &blobs,
      .plane = blobs::Plane::media_v2,
      .file_bytes_max = upload_bytes_max,
      .lists = {"tags"},
      .documents = {"meta"},
      .parse = http::receives(take_description, upload),
      .json = http::writes([&blobs](Input& input) { return parse_remote(input, blobs); }, register_remote)};
  routes.add(domain::form_route("/media-v2/assets", "media_upload", "media", std::move(form),
                                {"Upload a media file, or register a remote one",
                                 "media",
                                 remote_request_schema(),
                                 asset_schema(),
                                 201,
                                 {},
                                 {503, 507},
                                 upload_form_schema()}));
  routes.add(
      domain::read_route("/media-v2/assets", "media", http::reads(parse_list, list),
                         {"List media assets", "media", {}, schema::page(asset_schema()), 200, list_parameters(), {}}));
  routes.add(domain::read_route("/media-v2/assets/{asset_id}", "media", http::reads(asset_id, show),
                                {"Show a media asset", "media", {}, asset_schema(), 200, {}, {404}}));
  routes.add(domain::read_route(
      "/media-v2/assets/{asset_id}/download", "media",
      http::reads(
          [](Input& input) {
            return domain::Download{input.param("asset_id"), input.base_url};
          },
          [&blobs](const store::Reader& reader, const Caller& caller, const domain::Download& value) {
            return download(reader, caller, value, blobs);
          }),
      {"Redirect to a presigned download", "media", {}, {}, 302, {}, {404, 409}}));
  routes.add(domain::write_route(
      "DELETE", "/media-v2/assets/{asset_id}", "media_delete", "media",
      http::writes(asset_id, [&blobs](store::Tx& tx, const Caller& caller,
                                      const std::string& id) { return remove(tx, caller, id, blobs); }),
      {"Delete a media asset: its creator or an admin", "media", {}, {}, 204, {}, {404}}));
}

}  // namespace nexus::media
