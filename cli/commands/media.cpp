// nexusctl media: media files and their artifacts.
#include "daemon/media/media.hpp"
#include "cli/commands/download.hpp"
#include "cli/engine/model_options.hpp"
#include "cli/engine/upload_form.hpp"

namespace nexus::cli {
namespace {

const Shape kMediaShape = {"asset_id", {"asset_id", "kind", "uri", "size_bytes", "content_type", "tags", "created_at"}};
const Shape kStoredShape = {"asset_id",
                            {"asset_id", "kind", "key", "uri", "size_bytes", "sha256", "receipt.seq", "receipt.hash"}};
const Shape kMediaArtifactShape = {"artifact_id", {"artifact_id", "kind", "uri", "start_ms", "end_ms", "created_at"}};

constexpr auto& kMediaFields = model::specs_of<media::kMediaAsset>;
constexpr const char* kAllMedia = "/media-v2/assets";
constexpr const char* kOneMedia = "/media-v2/assets/{ASSET_ID}";
constexpr const char* kMediaArtifacts = "/media-v2/assets/{ASSET_ID}/artifacts";

/// A form holds only texts, so a list is one field per item.
FormFields form_fields(const Values& values) {
  FormFields fields;
  const Json body = body_of(values, kMediaFields, Options::create);
  for (const auto& [name, value] : body.items())
    for (const Json& one : value.is_array() ? value : Json::array({value}))
      fields.emplace_back(name, one.is_string() ? one.get<std::string>() : to_text(one));
  return fields;
}

int run_media_upload(Session& session, const Values& values) {
  return upload_each(session, values, kAllMedia, form_fields(values), kStoredShape);
}

Json remote_body(const Values& values) {
  Json body = body_of(values, kMediaFields, Options::create);
  body["source_uri"] = values.text("URI");
  return body;
}

constexpr const char* kMediaDescription = R"(
An asset is a file that was uploaded, or the address of one that lives elsewhere. Files stream from the disk through
the daemon into its storage; nexusctl does not read a file that a gate refuses. A progress bar appears on standard
error when that is a terminal. Lists are newest first.)";

constexpr const char* kMediaUploadDescription = R"(
With --idempotency-key the upload of one file can be repeated: the daemon answers again what was done and stores
nothing twice.)";

constexpr const char* kAddRemoteDescription = R"(
The daemon keeps the address and shows it; it never fetches anything from it, and refuses a download.)";

constexpr const char* kArtifactDescription = R"(
An artifact is a frame, a transcript, a waveform or the like. The thing itself is an object in storage.)";

Command artifacts() {
  const Parameter asset = argument("ASSET_ID", "the asset it was made of");
  return {
      .name = "artifact",
      .summary = "what was made of an asset: add, list, show",
      .description = kArtifactDescription,
      .example = "nexusctl media artifact list ASSET_ID",
      .commands = {
          creates({.name = "add",
                   .summary = "note a frame, a transcript or the like that is in storage",
                   .example = "nexusctl media artifact add ASSET_ID "
                              "s3://nexus/tenants/TENANT_ID/dev/media_v2/a1/frame.png --kind frame --start-ms 4000"},
                  model::specs_of<media::kMediaArtifact>, {.method = "POST", .path = kMediaArtifacts},
                  kMediaArtifactShape, {{"uri", "URI"}},
                  {asset, argument("URI", "the s3:// uri of an object of this tenant and env")}),
          list_command("list", "list what was made of an asset, newest first",
                       "nexusctl media artifact list ASSET_ID --all", {.path = kMediaArtifacts}, kMediaArtifactShape,
                       {asset}),
          show_command("show one artifact", "nexusctl media artifact show ARTIFACT_ID",
                       {.path = "/media-v2/artifacts/{ARTIFACT_ID}"}, kMediaArtifactShape,
                       {argument("ARTIFACT_ID", "the artifact")}),
      }};
}

}  // namespace

Command media_command() {
  const Parameter asset = argument("ASSET_ID", "the asset");
  return {
      .name = "media",
      .topic = Topic::files_and_texts,
      .summary = "media files and what is made of them",
      .description = kMediaDescription,
      .see_also = "nexusctl-canvas(1), nexusctl-upload(1)",
      .example = "nexusctl media upload clip.mp4 --tag launch",
      .commands = {
          {.name = "upload",
           .summary = "upload media files",
           .description = kMediaUploadDescription,
           .example = "nexusctl media upload clip.mp4 --tag launch --meta '{\"take\":3}'",
           .parameters = options_of(kMediaFields, Options::create, {}, upload_parameters()),
           .run = run_media_upload},
          {.name = "add-remote",
           .summary = "register media that lives elsewhere",
           .description = kAddRemoteDescription,
           .example = "nexusctl media add-remote https://cdn.example/clip.mp4 --kind video",
           .parameters = options_of(
               kMediaFields, Options::create, {},
               {argument("URI", "its https: address (http: too in env dev), without a user and at most 2 KiB long")}),
           .run = sends({.method = "POST", .path = kAllMedia}, kStoredShape, remote_body)},
          list_command("list", "list media, newest first", "nexusctl media list --kind video --tag launch",
                       {.path = kAllMedia}, kMediaShape,
                       {option("--kind", "KIND", "only of this kind"), option("--tag", "TAG", "only with this tag"),
                        option("--source-ref", "TEXT", "only with this source_ref")}),
          show_command("show one asset", "nexusctl media show ASSET_ID --field sha256", {.path = kOneMedia},
                       kMediaShape, {asset}),
          {.name = "download",
           .summary = "fetch the content, checked against its digest",
           .example = "nexusctl media download ASSET_ID --output-file clip.mp4",
           .parameters = download_parameters({asset}),
           .run = downloads(kOneMedia, "ASSET_ID", "asset_id")},
          artifacts(),
          delete_command("delete an asset and its content: its creator or an admin", "nexusctl media delete ASSET_ID",
                         {.path = kOneMedia}, asset),
      }};
}

}  // namespace nexus::cli
