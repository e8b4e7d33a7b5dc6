// Canvases, and the files on them. Clients may choose a canvas's id; `seq` keeps the order of making.
#pragma once
#include "daemon/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::canvas {

struct Canvas {
  std::string tenant_id;
  std::string env;
  std::string canvas_id;
  std::int64_t seq = 0;
  std::optional<std::string> title;
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr model::Table kCanvas{
    "Canvas", "canvases",
    std::array{model::tenant(&Canvas::tenant_id), model::env(&Canvas::env),
               model::key(model::field("canvas_id", &Canvas::canvas_id,
                                       {.max = limits::client_id_chars_max,
                                        .form = &model::kClientId,
                                        .null_is_absent = true,
                                        .help = "its id (one is made without)"})),
               model::hidden("seq", &Canvas::seq),
               model::field("title", &Canvas::title, {.max = 512, .help = "what people call it"}),
               model::made_time("created_at", &Canvas::created_at), model::made("created_by", &Canvas::created_by)}};

struct Artifact {
  std::string tenant_id;
  std::string env;
  std::string artifact_id;
  std::string canvas_id;
  std::string filename;  // as the client named it; answers show the stored name
  std::string key;
  std::string uri;
  std::string content_type;
  std::int64_t size_bytes = 0;
  std::optional<std::string> sha256;
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr model::Table kArtifact{
    "CanvasArtifact", "canvas_artifacts",
    std::array{model::tenant(&Artifact::tenant_id), model::env(&Artifact::env),
               model::id("artifact_id", &Artifact::artifact_id), model::made("canvas_id", &Artifact::canvas_id),
               model::made("filename", &Artifact::filename), model::made("key", &Artifact::key),
               model::made("uri", &Artifact::uri), model::made("content_type", &Artifact::content_type),
               model::made("size_bytes", &Artifact::size_bytes), model::made("sha256", &Artifact::sha256),
               model::made_time("created_at", &Artifact::created_at),
               model::made("created_by", &Artifact::created_by)}};

}  // namespace nexus::canvas
