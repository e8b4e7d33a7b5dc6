// nexusctl media: media files and what is made of them.
#include "cli/commands/download.hpp"
#include "cli/engine/command.hpp"
#include "cli/engine/curl.hpp"
#include "cli/engine/json_option.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/session.hpp"
#include "cli/engine/transfer.hpp"
#include "cli/engine/upload_form.hpp"

namespace nexus::cli {
namespace {

const Shape kMediaShape = {"asset_id", {"asset_id", "kind", "uri", "size_bytes", "content_type", "tags", "created_at"}};
const Shape kStoredShape = {"asset_id",
                            {"asset_id", "kind", "key", "uri", "size_bytes", "sha256", "receipt.seq", "receipt.hash"}};
const Shape kMediaArtifactShape = {"artifact_id", {"artifact_id", "kind", "uri", "start_ms", "end_ms", "created_at"}};

std::string media_path_of(const Values& values) { return "/media-v2/assets/" + segment(values.text("ASSET_ID")); }

FormFields form_fields(const Values& values) {
  FormFields fields;
  if (const auto kind = values.find("--kind")) fields.emplace_back("kind", *kind);
  for (const auto& tag : values.list("--tag")) fields.emplace_back("tags", tag);
  if (const auto ref = values.find("--source-ref")) fields.emplace_back("source_ref", *ref);
  if (const auto meta = values.find("--meta")) fields.emplace_back("meta", to_text(json_object(*meta, "--meta")));
  return fields;
}

int run_media_upload(Session& session, const Values& values) {
  return upload_each(session, values, "/media-v2/assets", form_fields(values), kStoredShape);
}

int run_add_remote(Session& session, const Values& values) {
  Json body = {{"source_uri", values.text("URI")}};
  if (const auto kind = values.find("--kind")) body["kind"] = *kind;
  if (values.given("--tag")) body["tags"] = values.list("--tag");
  if (const auto ref = values.find("--source-ref")) body["source_ref"] = *ref;
  if (const auto meta = values.find("--meta")) body["meta"] = json_object(*meta, "--meta");
  session.print_answer(session.call({.method = "POST", .path = "/media-v2/assets", .body = body}), kStoredShape);
  return 0;
}

int run_media_list(Session& session, const Values& values) {
  ApiRequest request{.path = "/media-v2/assets"};
  for (const auto& [name, parameter] :
       {std::pair{"--kind", "kind"}, std::pair{"--tag", "tag"}, std::pair{"--source-ref", "source_ref"}})
    if (const auto value = values.find(name)) request.query.emplace_back(parameter, *value);
  return print_pages(session, values, request, kMediaShape);
}

int run_media_show(Session& session, const Values& values) {
  session.print_record(session.call({.path = media_path_of(values)}).json, kMediaShape);
  return 0;
}

int run_media_download(Session& session, const Values& values) {
  return download(session, values, {"asset_id", values.text("ASSET_ID"), media_path_of(values)});
}

int run_media_delete(Session& session, const Values& values) {
  const Answer answer = session.call({.method = "DELETE", .path = media_path_of(values)});
  session.print_record({{"asset_id", values.text("ASSET_ID")}}, {"asset_id", {"asset_id", "receipt.seq"}},
                       answer.receipt());
  return 0;
}

// ---- artifacts ------------------------------------------------------------------------------------------------------

int run_artifact_add(Session& session, const Values& values) {
  constexpr long long most = (1LL << 53) - 1;
  Json body = {{"kind", values.text("--kind")}, {"uri", values.text("URI")}};
  if (const auto start = values.number("--start-ms", 0, most)) body["start_ms"] = *start;
  if (const auto end = values.number("--end-ms", 0, most)) body["end_ms"] = *end;
  if (const auto label = values.find("--track-label")) body["track_label"] = *label;
  if (const auto meta = values.find("--meta")) body["meta"] = json_object(*meta, "--meta");
  session.print_answer(session.call({.method = "POST", .path = media_path_of(values) + "/artifacts", .body = body}),
                       kMediaArtifactShape);
  return 0;
}

int run_artifact_list(Session& session, const Values& values) {
  return print_pages(session, values, {.path = media_path_of(values) + "/artifacts"}, kMediaArtifactShape);
}

int run_artifact_show(Session& session, const Values& values) {
  const std::string path = "/media-v2/artifacts/" + segment(values.text("ARTIFACT_ID"));
  session.print_record(session.call({.path = path}).json, kMediaArtifactShape);
  return 0;
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
          {.name = "add",
           .summary = "note a frame, a transcript or the like that is in storage",
           .example = "nexusctl media artifact add ASSET_ID "
                      "s3://nexus/tenants/TENANT_ID/dev/media_v2/a1/frame.png --kind frame --start-ms 4000",
           .parameters = {required_option("--kind", "KIND",
                                          "audio_segment, frame, thumbnail, waveform, mask, render, asr_transcript, "
                                          "visual_meta, video_region_summary, vector_scene, cad_model or other"),
                          option("--start-ms", "N", "where it begins, in milliseconds"),
                          option("--end-ms", "N", "where it ends, in milliseconds"),
                          option("--track-label", "TEXT", "the track it belongs to"),
                          option("--meta", "JSON", "an object that is kept with it"), asset,
                          argument("URI", "the s3:// uri of an object of this tenant and env")},
           .run = run_artifact_add},
          {.name = "list",
           .summary = "list what was made of an asset, newest first",
           .example = "nexusctl media artifact list ASSET_ID --all",
           .parameters = list_parameters({asset}),
           .run = run_artifact_list},
          {.name = "show",
           .summary = "show one artifact",
           .example = "nexusctl media artifact show ARTIFACT_ID",
           .parameters = {argument("ARTIFACT_ID", "the artifact")},
           .run = run_artifact_show},
      }};
}

std::vector<Parameter> media_described(std::vector<Parameter> more) {
  std::vector<Parameter> all = {option("--kind", "KIND", "video, audio, image or other (from the content type)"),
                                repeated_option("--tag", "TAG", "to find it by; without a comma"),
                                option("--source-ref", "TEXT", "what it is called where it comes from"),
                                option("--meta", "JSON", "an object that is kept with it, of at most 16 KiB")};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

Command media_command() {
  const Parameter asset = argument("ASSET_ID", "the asset");
  return {.name = "media",
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
               .parameters = media_described(upload_parameters()),
               .run = run_media_upload},
              {.name = "add-remote",
               .summary = "register media that lives elsewhere",
               .description = kAddRemoteDescription,
               .example = "nexusctl media add-remote https://cdn.example/clip.mp4 --kind video",
               .parameters = media_described({argument(
                   "URI", "its https: address (http: too in env dev), without a user and at most 2 KiB long")}),
               .run = run_add_remote},
              {.name = "list",
               .summary = "list media, newest first",
               .example = "nexusctl media list --kind video --tag launch",
               .parameters = list_parameters({option("--kind", "KIND", "only of this kind"),
                                              option("--tag", "TAG", "only with this tag"),
                                              option("--source-ref", "TEXT", "only with this source_ref")}),
               .run = run_media_list},
              {.name = "show",
               .summary = "show one asset",
               .example = "nexusctl media show ASSET_ID --field sha256",
               .parameters = {asset},
               .run = run_media_show},
              {.name = "download",
               .summary = "fetch the content, checked against its digest",
               .example = "nexusctl media download ASSET_ID --output-file clip.mp4",
               .parameters = download_parameters({asset}),
               .run = run_media_download},
              artifacts(),
              {.name = "delete",
               .summary = "delete an asset and its content: its creator or an admin",
               .example = "nexusctl media delete ASSET_ID",
               .parameters = {asset},
               .run = run_media_delete},
          }};
}

}  // namespace nexus::cli
