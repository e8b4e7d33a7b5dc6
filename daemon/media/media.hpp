// Media assets: uploaded files, or addresses of files elsewhere; and artifacts, made of them.
#pragma once
#include "daemon/media/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::media {

struct MediaAsset {
  std::string tenant_id;
  std::string env;
  std::string asset_id;
  std::string kind;
  std::optional<std::string> filename;  // as the client named it
  std::optional<std::string> key;       // of our object; without it, source_uri is set
  std::string uri;
  std::optional<std::string> source_uri;
  std::optional<std::string> content_type;
  std::optional<std::int64_t> size_bytes;
  std::optional<std::string> sha256;
  std::vector<std::string> tags;
  std::optional<std::string> source_ref;
  std::string meta = "{}";
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr std::string_view kMediaKinds[] = {"video", "audio", "image", "other"};

inline constexpr model::Table kMediaAsset{
    "MediaAsset", "media_assets",
    std::array{
        model::tenant(&MediaAsset::tenant_id), model::env(&MediaAsset::env),
        model::id("asset_id", &MediaAsset::asset_id),
        model::field("kind", &MediaAsset::kind,
                     {.choices = kMediaKinds, .null_is_absent = true, .help = "what it is (from its content type)"}),
        model::hidden("filename", &MediaAsset::filename), model::made("key", &MediaAsset::key),
        model::made("uri", &MediaAsset::uri), model::made("source_uri", &MediaAsset::source_uri),
        model::made("content_type", &MediaAsset::content_type), model::made("size_bytes", &MediaAsset::size_bytes),
        model::made("sha256", &MediaAsset::sha256),
        model::field("tags", &MediaAsset::tags,
                     {.max = limits::media_tag_bytes_max,
                      .count = limits::media_tags_max,
                      .form = &model::kNoComma,
                      .name = NameForm::label,
                      .unique = true,
                      .null_is_absent = true,
                      .help = "to find it by; without a comma"}),
        model::field("source_ref", &MediaAsset::source_ref,
                     {.max = 1024, .null_is_absent = true, .help = "what it is called where it comes from"}),
        model::document(
            "meta", &MediaAsset::meta,
            {.max = limits::metadata_bytes_max, .null_is_absent = true, .help = "an object that is kept with it"}),
        model::made_time("created_at", &MediaAsset::created_at), model::made("created_by", &MediaAsset::created_by)},
    "deleted_at IS NULL"};

struct MediaArtifact {
  std::string tenant_id;
  std::string env;
  std::string artifact_id;
  std::string asset_id;
  std::string kind;
  std::string uri;
  std::optional<std::int64_t> start_ms;
  std::optional<std::int64_t> end_ms;
  std::optional<std::string> track_label;
  std::string meta = "{}";
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr std::string_view kArtifactKinds[] = {
    "audio_segment",        "frame",        "thumbnail", "waveform", "mask", "render", "asr_transcript", "visual_meta",
    "video_region_summary", "vector_scene", "cad_model", "other"};
inline constexpr std::int64_t kMillisecondsMax = (1LL << 53) - 1;
/// Other texts are judged together with the tenant and env, and refused with a code of their own.
inline constexpr model::Form kObjectUri{"^s3://[!-~]+$", "", [](std::string_view) { return true; }};

inline constexpr model::Table kMediaArtifact{
    "MediaArtifact", "media_artifacts",
    std::array{
        model::tenant(&MediaArtifact::tenant_id), model::env(&MediaArtifact::env),
        model::id("artifact_id", &MediaArtifact::artifact_id), model::made("asset_id", &MediaArtifact::asset_id),
        model::field("kind", &MediaArtifact::kind, {.choices = kArtifactKinds, .required = true}),
        model::field("uri", &MediaArtifact::uri,
                     {.max = 64 * limits::KiB,
                      .form = &kObjectUri,
                      .required = true,
                      .help = "the s3:// uri of an object of this tenant and env"}),
        model::field("start_ms", &MediaArtifact::start_ms,
                     {.most = kMillisecondsMax, .null_is_absent = true, .help = "where it begins, in milliseconds"}),
        model::field("end_ms", &MediaArtifact::end_ms,
                     {.most = kMillisecondsMax, .null_is_absent = true, .help = "where it ends, in milliseconds"}),
        model::field("track_label", &MediaArtifact::track_label,
                     {.max = 256, .null_is_absent = true, .help = "the track it belongs to"}),
        model::document(
            "meta", &MediaArtifact::meta,
            {.max = limits::metadata_bytes_max, .null_is_absent = true, .help = "an object that is kept with it"}),
        model::made_time("created_at", &MediaArtifact::created_at),
        model::made("created_by", &MediaArtifact::created_by)},
    // The artifacts of a deleted asset are absent.
    "EXISTS (SELECT 1 FROM media_assets AS a WHERE a.tenant_id = ?1 AND a.env = ?2 "
    "AND a.asset_id = media_artifacts.asset_id AND a.deleted_at IS NULL)"};

}  // namespace nexus::media
